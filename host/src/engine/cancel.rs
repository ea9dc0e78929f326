//! Canceling a deployment: it is told, and undone; one that nobody runs ends at once.

use super::standing::kept;
use super::stop::StopReason;
use super::{Engine, EngineError};
use crate::event::{AppendError, Durability, NewEvent};
use crate::store::{CommandKind, DeploymentRecord};
use serde_json::Value;
use std::collections::BTreeMap;
use windlass_api_types::{
    CommandId, DeploymentId, DeploymentState, DeploymentStatus, ErrorKind, EventBody, FailedBy, Failure, RunMode,
};

impl Engine {
    /// Cancels a deployment. One that runs is told, and undone; one that is queued ends at once; asking again for
    /// one that is being canceled does not wait for it any more.
    pub async fn cancel(&self, record: &DeploymentRecord, by: &str) -> Result<(), EngineError> {
        let summary = &record.summary;
        match summary.status {
            status if status.is_terminal() => Err(EngineError::Ended { label: summary.label.clone(), status }),
            DeploymentStatus::Queued => match self.end_idle(record, by, None).await {
                // Its turn has come meanwhile.
                Err(EngineError::Append(AppendError::Fenced)) => self.cancel_started(record, by).await,
                result => result,
            },
            DeploymentStatus::Waiting if summary.started_at.is_none() => self.end_idle(record, by, None).await,
            _ => self.cancel_started(record, by).await,
        }
    }

    /// Tells whoever runs it, or will.
    async fn cancel_started(&self, record: &DeploymentRecord, by: &str) -> Result<(), EngineError> {
        match self.tell_cancel(record.summary.id, by, None).await {
            true => Ok(()),
            false => self.send(record, CommandKind::Cancel, Value::Null, by).await,
        }
    }

    /// Tells a deployment that runs here. False: it does not.
    pub(super) async fn tell_cancel(&self, id: DeploymentId, by: &str, command: Option<CommandId>) -> bool {
        let found = self.running().get(&id).map(|running| (running.stop.clone(), running.appender.clone()));
        let Some((stop, appender)) = found else { return false };
        // Queued before anything that follows from it. Without a record yet, whoever opens it tells.
        let event = NewEvent::of_deployment(EventBody::CancelRequested { by: by.into() });
        match (appender.get(), command) {
            // A command is read until its event is committed: only then is it asked, and once, since asking twice
            // means that nobody waits.
            (Some(appender), Some(command)) => match appender.commit(event.command(command), Durability::Full).await {
                Ok(_) => {}
                Err(AppendError::CommandTaken { .. }) => return true,
                Err(_) => return false,
            },
            // Where it cannot be recorded any more it is over.
            (Some(appender), None) => drop(appender.append(event).await),
            (None, Some(_)) => return false,
            (None, None) => {}
        }
        stop.ask(StopReason::Canceled { by: by.into() });
        true
    }

    /// Ends a deployment that nobody runs: it waits for its turn, or cannot go on.
    pub(super) async fn end_idle(
        &self,
        deployment: &DeploymentRecord,
        by: &str,
        command: Option<CommandId>,
    ) -> Result<(), EngineError> {
        let state = self.parts().store.deployment_state(deployment.summary.id).await?.unwrap_or_default();
        let event = NewEvent::of_deployment(canceled_event(by, left_behind(&state)));
        self.parts().events.append_once(deployment, &[NewEvent { command, ..event }]).await?;
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
