//! A stage run as its deployment's events tell it.

use crate::capability::summary;
use crate::journal::Recorded;
use crate::store::{Store, StoreError};
use serde_json::Value;
use std::collections::HashMap;
use windlass_api_types::replay::{ReplayCall, ReplayedEffect};
use windlass_api_types::{DeploymentId, DeploymentState, EffectReplay, Event, EventBody, StageRunId, StageRunState};

/// Events read at a time.
const CHUNK: u32 = 5_000;

/// All that a replay needs of a stage run.
#[derive(Clone, Debug)]
pub struct RecordedRun {
    pub state: StageRunState,
    /// The document its plugin was given.
    pub context: Value,
    pub recorded: Recorded,
    /// The same effects for people, none of them asked for yet.
    pub effects: Vec<ReplayedEffect>,
}

impl RecordedRun {
    /// The stage runs of a deployment, from its events.
    pub fn all(state: DeploymentState, events: &[Event]) -> Vec<Self> {
        let mut of: HashMap<StageRunId, Vec<&Event>> = HashMap::new();
        for event in events {
            if let Some(run) = event.stage_run {
                of.entry(run).or_default().push(event);
            }
        }
        let run = |state: StageRunState| {
            let events = of.remove(&state.id).unwrap_or_default();
            let mut run = Self {
                recorded: Recorded::of_run(state.id, events.iter().copied()),
                context: Value::Null,
                effects: Vec::new(),
                state,
            };
            events.into_iter().for_each(|event| run.take(&event.body));
            run
        };
        state.runs.into_iter().map(run).collect()
    }

    fn take(&mut self, body: &EventBody) {
        match body {
            EventBody::StageRunStarted { context, .. } => self.context = context.clone(),
            EventBody::EffectStarted { position, function, policy, arguments } => {
                let call = ReplayCall {
                    position: *position,
                    function: function.clone(),
                    policy: *policy,
                    summary: summary(function, arguments),
                    arguments: arguments.clone(),
                };
                // One that was performed again takes the place of the first time.
                self.effects.pop_if(|last| last.call.position == *position);
                self.effects.push(ReplayedEffect { call, answer: None, origin: None, replayed: EffectReplay::Unread });
            }
            EventBody::EffectCompleted { answer, origin, .. } => {
                if let Some(effect) = self.effects.last_mut() {
                    effect.answer = Some(answer.clone());
                    effect.origin = Some(*origin);
                }
            }
            _ => {}
        }
    }
}

/// Reads the stage runs of a deployment whose events so far make this state.
pub(super) async fn read(
    store: &Store,
    deployment: DeploymentId,
    state: DeploymentState,
) -> Result<Vec<RecordedRun>, StoreError> {
    let mut events = Vec::new();
    let mut after = 0;
    while after < state.last_seq {
        let page = store.events(deployment, after, CHUNK).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        let known = |event: &Event| event.seq <= state.last_seq && is_told(&event.body);
        events.extend(page.into_iter().filter(known));
    }
    Ok(RecordedRun::all(state, &events))
}

/// Of a deployment's events most are lines of its log, which a replay has no use for.
fn is_told(body: &EventBody) -> bool {
    matches!(
        body,
        EventBody::StageRunStarted { .. } | EventBody::EffectStarted { .. } | EventBody::EffectCompleted { .. }
    )
}
