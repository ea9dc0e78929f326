//! What an earlier process has done of an execution. The narration of a deployment is a pure function of its
//! inputs and of how its stage runs ended: it begins at the top again, what is recorded answers, and it goes on
//! where the record ends.

use super::execution::Spot;
use crate::store::{Store, StoreError};
use serde_json::Value;
use std::collections::HashMap;
use windlass_api_types::{DeploymentId, DeploymentState, EventBody, RunMode, StageRunId, StageRunState, Timestamp};

/// Empty for what begins here.
#[derive(Default)]
pub(super) struct Past {
    state: DeploymentState,
    starts: HashMap<StageRunId, Start>,
}

struct Start {
    at: Timestamp,
    context: Value,
}

/// A stage run of an earlier process.
#[derive(Clone, Copy)]
pub(super) struct PastRun<'a> {
    pub(super) state: &'a StageRunState,
    /// Where its guest's clock starts.
    pub(super) at: Timestamp,
    /// The context document it was given.
    pub(super) context: &'a Value,
}

impl Past {
    /// Reads what belongs to a state.
    pub(super) async fn read(
        store: &Store,
        deployment: DeploymentId,
        state: DeploymentState,
    ) -> Result<Self, StoreError> {
        let mut starts = HashMap::new();
        for event in store.run_starts(deployment).await? {
            if let (Some(run), EventBody::StageRunStarted { context, .. }) = (event.stage_run, event.body) {
                starts.insert(run, Start { at: event.at, context });
            }
        }
        Ok(Self { state, starts })
    }

    /// The run of a stage on a target (none: on the server) in this mode, by its attempt.
    pub(super) fn run(&self, stage: &str, spot: Option<&Spot>, mode: RunMode, attempt: u32) -> Option<PastRun<'_>> {
        let target = spot.map(|spot| spot.target.as_str());
        let same = |run: &&StageRunState| {
            run.mode == mode && run.attempt == attempt && run.stage == stage && run.target.as_deref() == target
        };
        let state = self.state.runs.iter().find(same)?;
        let start = self.starts.get(&state.id)?;
        Some(PastRun { state, at: start.at, context: &start.context })
    }

    /// Whether it is recorded that a stage does not run there.
    pub(super) fn is_skipped(&self, stage: &str, target: Option<&str>) -> bool {
        self.state.stage(stage).is_some_and(|stage| match target {
            Some(target) => stage.skipped_targets.iter().any(|skipped| skipped == target),
            None => stage.skipped.is_some(),
        })
    }

    /// Whether a batch of a rollout has begun.
    pub(super) fn has_batch(&self, rollout: &str, number: u32) -> bool {
        self.state.batches.iter().any(|(name, batch)| name == rollout && *batch == number)
    }

    /// Whether the release went live there; an empty name is the server itself.
    pub(super) fn is_activated(&self, place: &str) -> bool {
        self.state.activated.iter().any(|activated| activated == place)
    }
}
