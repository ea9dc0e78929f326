//! The end of an engine: what runs here ends, or is let go of.

use super::Engine;
use std::time::Duration;
use windlass_api_types::{DeploymentState, DeploymentStatus};

/// How often it is looked whether anything still runs that does not wait for a person.
const POLL: Duration = Duration::from_millis(50);

impl Engine {
    /// Takes no new deployments and waits until those that run have ended; those that wait for a person are let go
    /// of, and go on with the next start.
    pub async fn close(&self) {
        self.inner.closing.cancel();
        while self.is_busy() {
            tokio::time::sleep(POLL).await;
        }
        self.hand_over().await;
    }

    /// Lets go of all that runs here, at once: another server, or the next start, goes on where each of them is.
    pub async fn hand_over(&self) {
        self.inner.closing.cancel();
        self.inner.handing_over.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }

    /// Whether anything runs here that does not wait for a person.
    fn is_busy(&self) -> bool {
        let held = |status| matches!(status, DeploymentStatus::Waiting | DeploymentStatus::Interrupted);
        self.running().values().any(|running| match running.appender.get() {
            Some(appender) => !held(*appender.status().borrow()) || appender.with_state(is_answered),
            None => true,
        })
    }
}

/// Whether a person has answered and the stage run is about to go on.
fn is_answered(state: &DeploymentState) -> bool {
    state.open_runs().any(|run| {
        let resolved = run.open_effect.as_ref().is_some_and(|open| open.resolution.is_some());
        resolved || state.waits_for(run.id).is_some_and(|approval| !approval.is_open())
    })
}
