//! The queue: what somebody left is gone on with, then one deployment at a time in each environment, the oldest
//! first.

use super::stop::Stop;
use super::{Engine, Running};
use crate::lease::Lease;
use crate::store::{DeploymentRecord, StoreError};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use windlass_api_types::DeploymentId;

/// Somebody else may have freed an environment: look again after this long without a word.
const POLL: Duration = Duration::from_secs(1);

/// The place of a deployment that runs here: given back when this is dropped, in whatever way.
struct Held {
    engine: Engine,
    id: DeploymentId,
    epoch: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut running = self.engine.running();
        // This server may have lost it and got it back: then the place is another one's.
        if running.get(&self.id).is_some_and(|running| running.epoch == self.epoch) {
            running.remove(&self.id);
        }
        drop(running);
        self.engine.inner.wake.notify_one();
    }
}

impl Engine {
    /// Starts what may run, until the engine closes.
    pub(super) async fn run_queue(self, lease: Lease) {
        let shared = self.parts().store.is_shared();
        let mut changes = self.parts().events.changes();
        while !self.inner.closing.is_cancelled() {
            match self.start_ready(&lease).await {
                Ok(()) => {}
                Err(error) => tracing::warn!(%error, "the queue cannot be read; it is tried again"),
            }
            tokio::select! {
                () = self.inner.wake.notified() => {}
                // Another server may have freed an environment, or let go of something.
                _ = changes.next(), if shared => {}
                () = tokio::time::sleep(POLL) => {}
                () = self.inner.closing.cancelled() => return,
            }
        }
    }

    async fn start_ready(&self, lease: &Lease) -> Result<(), StoreError> {
        let (events, owner) = (&self.parts().events, lease.id());
        self.expire_questions().await?;
        // What runs already has its place, however many there are.
        while lease.holds()
            && let Some(deployment) = events.take_over(owner).await?
        {
            tracing::info!(deployment = deployment.summary.label, "a deployment goes on where it was left");
            self.spawn(deployment, lease);
        }
        while lease.holds() && self.running_count() < self.parts().most_running {
            let Some(deployment) = events.claim_next(owner).await? else { return Ok(()) };
            let release = &deployment.summary.release;
            tracing::info!(deployment = deployment.summary.label, release, "a deployment starts");
            self.spawn(deployment, lease);
        }
        Ok(())
    }

    /// Runs a deployment until it ends, this process lets go of it, or the lease is lost.
    fn spawn(&self, deployment: DeploymentRecord, lease: &Lease) {
        let stop = Stop::with(self.inner.handing_over.child_token());
        let (lost, hand_over) = (lease.lost(), stop.hand_over.clone());
        let appender = Arc::new(OnceLock::new());
        let (id, epoch) = (deployment.summary.id, deployment.epoch);
        let label = deployment.summary.label.clone();
        let running = Running { label, epoch, stop: stop.clone(), appender: appender.clone() };
        self.running().insert(id, running);
        let held = Held { engine: self.clone(), id, epoch };
        self.inner.tasks.spawn(async move {
            let driving = held.engine.drive(deployment, stop, &appender);
            let mut driving = std::pin::pin!(driving);
            tokio::select! {
                () = &mut driving => {}
                () = lost.cancelled() => {
                    hand_over.cancel();
                    driving.await;
                }
            }
        });
    }
}
