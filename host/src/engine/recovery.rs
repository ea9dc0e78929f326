//! What an earlier process left behind: its deployments are interrupted, truthfully, until a person
//! says how it goes on.

use super::{Engine, EngineError, canceled_event};
use crate::event::NewEvent;
use crate::store::DeploymentRecord;
use windlass_api_types::{DeploymentStatus, EventBody};

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
        self.parts().events.append_once(deployment, &[NewEvent::of_deployment(canceled_event(by))]).await?;
        self.inner.wake.notify_one();
        Ok(())
    }
}
