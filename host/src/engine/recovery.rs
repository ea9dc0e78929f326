//! What an earlier process left behind: its deployments are interrupted, truthfully, until a person
//! says how it goes on.

use super::standing::kept;
use super::{Engine, EngineError, canceled_event};
use crate::event::NewEvent;
use crate::store::DeploymentRecord;
use std::collections::BTreeMap;
use windlass_api_types::{DeploymentState, DeploymentStatus, EventBody, RunMode};

impl Engine {
    /// Marks what was running as interrupted. What is queued stays queued.
    pub(super) async fn settle_left_behind(&self) -> Result<(), EngineError> {
        for deployment in self.parts().store.unfinished().await? {
            let status = deployment.summary.status;
            if !matches!(status, DeploymentStatus::Running | DeploymentStatus::Waiting) {
                continue;
            }
            let event = EventBody::DeploymentInterrupted {
                reason: "the server stopped while the deployment was running".into(),
            };
            self.parts().events.append_once(&deployment, &[NewEvent::of_deployment(event)]).await?;
            tracing::warn!(
                deployment = deployment.summary.label,
                "a deployment was interrupted by the end of the server; `windlass cancel` frees its environment"
            );
        }
        Ok(())
    }

    /// Ends a deployment that nobody runs: it waits for its turn, or was interrupted.
    pub(super) async fn end_idle(&self, deployment: &DeploymentRecord, by: &str) -> Result<(), EngineError> {
        let state = self.parts().store.deployment_state(deployment.summary.id).await?.unwrap_or_default();
        let event = canceled_event(by, left_behind(&state));
        self.parts().events.append_once(deployment, &[NewEvent::of_deployment(event)]).await?;
        self.inner.wake.notify_one();
        Ok(())
    }
}

/// What runs that nobody undoes any more have left, a sentence for each target.
fn left_behind(state: &DeploymentState) -> Vec<String> {
    let mut stages: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for run in state.runs.iter().filter(|run| run.mode == RunMode::Run && run.effects > 0) {
        let stages = stages.entry(run.target.as_deref().unwrap_or_default()).or_default();
        if !stages.contains(&run.stage) {
            stages.push(run.stage.clone());
        }
    }
    stages.iter().map(|(target, stages)| kept(target, stages)).collect()
}
