//! Canceling a deployment: it is told, and undone; one that nobody runs ends at once.

use super::standing::kept;
use super::stop::StopReason;
use super::{Engine, EngineError};
use crate::event::NewEvent;
use crate::store::DeploymentRecord;
use std::collections::BTreeMap;
use std::time::Duration;
use windlass_api_types::{DeploymentState, DeploymentStatus, ErrorKind, EventBody, FailedBy, Failure, RunMode};

/// How long a deployment that was left may take to go on here, so that it can be told.
const TAKING_OVER: Duration = Duration::from_secs(5);

impl Engine {
    /// Cancels a deployment. One that runs is told, and undone; one that is queued ends at once; asking again for
    /// one that is being canceled does not wait for it any more.
    pub async fn cancel(&self, record: &DeploymentRecord, by: &str) -> Result<(), EngineError> {
        let summary = &record.summary;
        match summary.status {
            status if status.is_terminal() => Err(EngineError::Ended { label: summary.label.clone(), status }),
            DeploymentStatus::Queued => self.end_idle(record, by).await,
            DeploymentStatus::Waiting if summary.started_at.is_none() => self.end_idle(record, by).await,
            _ if self.tell_cancel(record, by).await? => Ok(()),
            _ => self.cancel_left(record, by).await,
        }
    }

    /// Tells a deployment that runs here. False: it does not.
    async fn tell_cancel(&self, record: &DeploymentRecord, by: &str) -> Result<bool, EngineError> {
        let found =
            self.running().get(&record.summary.id).map(|running| (running.stop.clone(), running.appender.clone()));
        let Some((stop, appender)) = found else { return Ok(false) };
        // Queued before anything that follows from it. Without a record yet, whoever opens it tells.
        if let Some(appender) = appender.get() {
            let event = EventBody::CancelRequested { by: by.into() };
            // Where it cannot be recorded any more it is over.
            drop(appender.append(NewEvent::of_deployment(event)).await);
        }
        stop.ask(StopReason::Canceled { by: by.into() });
        Ok(true)
    }

    /// One that has started and does not run here: it is about to, or it cannot go on.
    async fn cancel_left(&self, record: &DeploymentRecord, by: &str) -> Result<(), EngineError> {
        let until = tokio::time::Instant::now() + TAKING_OVER;
        while tokio::time::Instant::now() < until {
            self.inner.wake.notify_one();
            tokio::time::sleep(Duration::from_millis(50)).await;
            if self.tell_cancel(record, by).await? {
                return Ok(());
            }
            let Some(now) = self.parts().store.deployment(record.summary.id).await? else { break };
            if now.summary.status.is_terminal() {
                return Err(EngineError::Ended { label: now.summary.label, status: now.summary.status });
            }
            let state = self.parts().store.deployment_state(record.summary.id).await?.unwrap_or_default();
            if state.interruption.is_some() && now.owner.as_deref() == Some(&self.inner.owner) {
                return self.end_idle(&now, by).await;
            }
        }
        Err(EngineError::Elsewhere { label: record.summary.label.clone() })
    }

    /// Ends a deployment that nobody runs: it waits for its turn, or cannot go on.
    async fn end_idle(&self, deployment: &DeploymentRecord, by: &str) -> Result<(), EngineError> {
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

/// The event that ends a deployment that a person canceled while nobody ran it.
fn canceled_event(by: &str, standing: Vec<String>) -> EventBody {
    EventBody::DeploymentEnded {
        status: DeploymentStatus::Canceled,
        failed_by: Some(FailedBy::User),
        stage: None,
        failure: Some(Failure::new(ErrorKind::Canceled, "canceled", format!("canceled by {by}"))),
        standing,
    }
}
