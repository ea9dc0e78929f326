//! Resolving: a person says what became of an effect whose outcome nobody knows.

use super::{Engine, EngineError};
use crate::event::{Durability, NewEvent};
use crate::store::{Command, CommandKind, DeploymentRecord};
use serde_json::json;
use windlass_api_types::deployment::ResolveEffect;
use windlass_api_types::{CommandId, DeploymentId, DeploymentState, EventBody, StageRunId, StageRunState, StageStatus};

impl Engine {
    /// Records what a person says of the effect that a stage run was interrupted at; the run goes on with it.
    pub async fn resolve_effect(
        &self,
        record: &DeploymentRecord,
        asked: &ResolveEffect,
        by: &str,
    ) -> Result<(), EngineError> {
        let (id, label) = (record.summary.id, &record.summary.label);
        if record.summary.status.is_terminal() {
            return Err(EngineError::Ended { label: label.clone(), status: record.summary.status });
        }
        // Refused here, whoever runs it: later there is nobody to tell.
        let state = self.parts().events.state(id).await?.unwrap_or_default();
        interrupted(&state, asked, label)?;
        match self.tell_resolution(id, asked, by, None).await? {
            true => Ok(()),
            false => self.send(record, CommandKind::Resolve, json!(asked), by).await,
        }
    }

    /// What was asked where the deployment does not run.
    pub(super) async fn do_resolve(&self, command: &Command) -> Result<(), EngineError> {
        let asked: ResolveEffect = serde_json::from_value(command.data.clone())?;
        self.tell_resolution(command.deployment, &asked, &command.by, Some(command.id)).await.map(drop)
    }

    /// Tells a deployment that runs here. False: it does not.
    async fn tell_resolution(
        &self,
        id: DeploymentId,
        asked: &ResolveEffect,
        by: &str,
        command: Option<CommandId>,
    ) -> Result<bool, EngineError> {
        let found = self
            .running()
            .get(&id)
            .map(|running| (running.label.clone(), running.stop.clone(), running.appender.clone()));
        let Some((label, stop, appender)) = found else { return Ok(false) };
        let Some(appender) = appender.get() else { return Ok(false) };
        let (run, position) = appender.with_state(|state| interrupted(state, asked, &label))?;
        let event = EventBody::EffectResolved { position, resolution: asked.resolution, by: by.into() };
        appender.commit(NewEvent { command, ..NewEvent::of_run(run, event) }, Durability::Full).await?;
        stop.answered.notify_waiters();
        Ok(true)
    }
}

/// The one run that is meant, and the position of its effect.
fn interrupted(state: &DeploymentState, asked: &ResolveEffect, label: &str) -> Result<(StageRunId, u64), EngineError> {
    let is_meant = |run: &&StageRunState| {
        asked.stage.as_ref().is_none_or(|stage| *stage == run.stage)
            && asked.target.as_ref().is_none_or(|target| Some(target) == run.target.as_ref())
    };
    let waits = |run: &&StageRunState| run.status == StageStatus::Interrupted;
    let open: Vec<_> = state.open_runs().filter(waits).filter(is_meant).collect();
    match open.as_slice() {
        [] => Err(EngineError::NothingInterrupted { label: label.into() }),
        [run] => match &run.open_effect {
            Some(open) if open.resolution.is_none() => Ok((run.id, open.position)),
            _ => Err(EngineError::NothingInterrupted { label: label.into() }),
        },
        several => {
            let named = several.iter().map(|run| match &run.target {
                Some(target) => format!("{} on {target}", run.stage),
                None => run.stage.clone(),
            });
            Err(EngineError::SeveralInterrupted { label: label.into(), runs: named.collect() })
        }
    }
}
