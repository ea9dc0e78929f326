//! The queue: one deployment at a time in each environment, the oldest first.

use super::record::Record;
use super::stop::{Stop, StopReason};
use super::{Engine, Running};
use crate::event::{Durability, NewEvent};
use crate::store::{DeploymentRecord, StoreError};
use std::time::Duration;
use windlass_api_types::{DeploymentId, DeploymentStatus, ErrorKind, EventBody, FailedBy, Failure};

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
        while self.running_count() < self.parts().most_running {
            let Some(deployment) = self.parts().events.claim_next(&self.inner.owner).await? else {
                return Ok(());
            };
            let stop = Stop::default();
            let running = Running { label: deployment.summary.label.clone(), stop: stop.clone() };
            self.running().insert(deployment.summary.id, running);
            let held = Held { engine: self.clone(), id: deployment.summary.id };
            self.inner.tasks.spawn(async move { held.engine.run_deployment(deployment, stop).await });
        }
        Ok(())
    }

    /// Runs one deployment to its end, and records the end.
    async fn run_deployment(&self, deployment: DeploymentRecord, stop: Stop) {
        let label = deployment.summary.label.clone();
        tracing::info!(deployment = label, release = deployment.summary.release, "a deployment starts");
        if let Err(error) = self.drive(&deployment, stop).await {
            tracing::error!(deployment = label, %error, "a deployment could not be recorded to its end");
        }
    }

    async fn drive(&self, deployment: &DeploymentRecord, stop: Stop) -> Result<(), Failure> {
        let parts = self.parts();
        let id = deployment.summary.id;
        let state = parts.store.deployment_state(id).await.map_err(|error| error.failure())?.unwrap_or_default();
        let appender = parts.events.appender(id, deployment.epoch, state);
        let execution = self.prepare(deployment, Record::Live(appender.clone()), stop.clone()).await;
        let ended = match execution {
            Err(error) => failed_to_start(error.failure()),
            Ok(execution) => {
                let limit = execution.inputs.pipeline.timeout;
                let timer = limit.map(|limit| stop_after(limit, stop.clone()));
                let told = tell_cancel(appender.clone(), stop);
                let ended = execution.run().await;
                told.abort();
                timer.inspect(tokio::task::JoinHandle::abort);
                ended.map_err(|error| lost(&error))?
            }
        };
        appender.commit(NewEvent::of_deployment(ended), Durability::Full).await.map_err(|error| lost(&error))?;
        appender.close().await;
        Ok(())
    }
}

/// Stops a deployment when its own timeout is over.
fn stop_after(limit: Duration, stop: Stop) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        tokio::time::sleep(limit).await;
        stop.ask(StopReason::TimedOut { after: limit });
    })
}

/// Records the wish to cancel as soon as it is known.
fn tell_cancel(appender: crate::event::Appender, stop: Stop) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        stop.cancel.cancelled().await;
        if let Some(StopReason::Canceled { by }) = stop.reason() {
            // Where it cannot be recorded the deployment's end says so too.
            drop(appender.append(NewEvent::of_deployment(EventBody::CancelRequested { by })).await);
        }
    })
}

fn failed_to_start(failure: Failure) -> EventBody {
    EventBody::DeploymentEnded {
        status: DeploymentStatus::Failed,
        failed_by: Some(FailedBy::Platform),
        stage: None,
        failure: Some(failure),
        standing: vec!["nothing was changed".into()],
    }
}

fn lost(error: &dyn std::error::Error) -> Failure {
    Failure::new(ErrorKind::Internal, "record-lost", error.to_string())
}
