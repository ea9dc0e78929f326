//! The queue: what somebody left is gone on with, then one deployment at a time in each environment, the oldest
//! first.

use super::stop::Stop;
use super::{Engine, Running};
use crate::store::{DeploymentRecord, StoreError};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use windlass_api_types::DeploymentId;

/// Somebody else may have freed an environment: look again after this long without a word.
const POLL: Duration = Duration::from_secs(1);

/// The place of a deployment that runs here: given back when this is dropped, in whatever way.
struct Held {
    engine: Engine,
    id: DeploymentId,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.engine.running().remove(&self.id);
        self.engine.inner.wake.notify_one();
    }
}

impl Engine {
    /// Starts what may run, until the engine closes.
    pub(super) async fn run_queue(self) {
        while !self.inner.closing.is_cancelled() {
            match self.start_ready().await {
                Ok(()) => {}
                Err(error) => tracing::warn!(%error, "the queue cannot be read; it is tried again"),
            }
            tokio::select! {
                () = self.inner.wake.notified() => {}
                () = tokio::time::sleep(POLL) => {}
                () = self.inner.closing.cancelled() => return,
            }
        }
    }

    async fn start_ready(&self) -> Result<(), StoreError> {
        let (events, owner) = (&self.parts().events, self.parts().lease.id());
        self.expire_questions().await?;
        // What runs already has its place, however many there are.
        while let Some(deployment) = events.take_over(owner).await? {
            tracing::info!(deployment = deployment.summary.label, "a deployment goes on where it was left");
            self.spawn(deployment);
        }
        while self.running_count() < self.parts().most_running {
            let Some(deployment) = events.claim_next(owner).await? else { return Ok(()) };
            let release = &deployment.summary.release;
            tracing::info!(deployment = deployment.summary.label, release, "a deployment starts");
            self.spawn(deployment);
        }
        Ok(())
    }

    fn spawn(&self, deployment: DeploymentRecord) {
        let stop = Stop::with(self.inner.handing_over.child_token());
        self.inner.tasks.spawn(let_go_with(self.parts().lease.lost(), stop.hand_over.clone()));
        let appender = Arc::new(OnceLock::new());
        let running =
            Running { label: deployment.summary.label.clone(), stop: stop.clone(), appender: appender.clone() };
        self.running().insert(deployment.summary.id, running);
        let held = Held { engine: self.clone(), id: deployment.summary.id };
        self.inner.tasks.spawn(async move { held.engine.drive(deployment, stop, &appender).await });
    }
}

/// A server that has lost its lease performs nothing more: what it ran goes on elsewhere.
async fn let_go_with(lost: CancellationToken, hand_over: CancellationToken) {
    tokio::select! {
        () = lost.cancelled() => hand_over.cancel(),
        () = hand_over.cancelled() => {}
    }
}
