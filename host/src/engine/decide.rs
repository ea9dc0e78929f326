//! Deciding: a person answers what a deployment waits for. Any signed-in user may.

use super::{Engine, EngineError};
use crate::event::{AppendError, Durability, NewEvent, now};
use crate::store::{Command, CommandKind, DeploymentRecord, StoreError};
use serde_json::json;
use windlass_api_types::approval::{Approval, Decide};
use windlass_api_types::{
    CommandId, Decision, DeploymentId, DeploymentState, DeploymentStatus, ErrorKind, EventBody, FailedBy, Failure,
    Timestamp,
};

impl Engine {
    /// Approves or rejects what a deployment waits for. A question is answered once.
    pub async fn decide(
        &self,
        record: &DeploymentRecord,
        asked: &Decide,
        decision: Decision,
        by: &str,
    ) -> Result<(), EngineError> {
        let label = &record.summary.label;
        let state = self.parts().events.state(record.summary.id).await?.unwrap_or_default();
        if let Some(status) = state.status.filter(|status| status.is_terminal()) {
            return Err(EngineError::Ended { label: label.clone(), status });
        }
        let key = question(label, &state, asked, now()).map_err(EngineError::Refused)?;
        let recorded = match state.started_at {
            None => self.decide_idle(record, &key, decision, Some(by)).await.map(|()| true),
            Some(_) => self.tell_decision(record.summary.id, &key, decision, by, None).await,
        };
        match recorded {
            Ok(true) => Ok(()),
            Ok(false) => {
                let kind = if decision == Decision::Approved { CommandKind::Approve } else { CommandKind::Reject };
                self.send(record, kind, json!(Decide { stage: None, key: Some(key) }), by).await
            }
            // Somebody was faster.
            Err(AppendError::Illegal(_)) => Err(self.too_late(record, &key).await?),
            Err(error) => Err(error.into()),
        }
    }

    async fn too_late(&self, record: &DeploymentRecord, key: &str) -> Result<EngineError, EngineError> {
        let label = record.summary.label.clone();
        let state = self.parts().events.state(record.summary.id).await?.unwrap_or_default();
        Ok(match (state.status.filter(|status| status.is_terminal()), state.approval(key)) {
            (None, Some(approval)) => EngineError::Refused(decided(&label, approval)),
            (status, _) => EngineError::Ended { label, status: status.unwrap_or(DeploymentStatus::Canceled) },
        })
    }

    /// What was decided where the deployment does not run.
    pub(super) async fn do_decide(&self, command: &Command, decision: Decision) -> Result<(), EngineError> {
        let asked: Decide = serde_json::from_value(command.data.clone())?;
        let key = asked.key.unwrap_or_default();
        // Where it is about to run here it is told the next time.
        self.tell_decision(command.deployment, &key, decision, &command.by, Some(command.id)).await?;
        Ok(())
    }

    /// Tells a deployment that runs here. False: it does not.
    async fn tell_decision(
        &self,
        id: DeploymentId,
        key: &str,
        decision: Decision,
        by: &str,
        command: Option<CommandId>,
    ) -> Result<bool, AppendError> {
        let found = self.running().get(&id).map(|running| (running.stop.clone(), running.appender.clone()));
        let Some((stop, appender)) = found else { return Ok(false) };
        let Some(appender) = appender.get() else { return Ok(false) };
        let event = NewEvent::of_deployment(event(key, decision, Some(by)));
        appender.commit(NewEvent { command, ..event }, Durability::Full).await?;
        stop.answered.notify_waiters();
        Ok(true)
    }

    /// Of a deployment that has not begun: it is queued, or ends.
    async fn decide_idle(
        &self,
        record: &DeploymentRecord,
        key: &str,
        decision: Decision,
        by: Option<&str>,
    ) -> Result<(), AppendError> {
        let end = match decision {
            Decision::Approved => None,
            Decision::Rejected => Some(("rejected", format!("{} rejected it", by.unwrap_or_default()))),
            Decision::Expired => Some(("approval-expired", "nobody approved it in time".to_owned())),
        };
        let ended = end.map(|(code, message)| EventBody::DeploymentEnded {
            status: DeploymentStatus::Canceled,
            failed_by: Some(FailedBy::User),
            stage: None,
            failure: Some(Failure::new(ErrorKind::Canceled, code, message)),
            standing: vec!["nothing was changed".into()],
        });
        let events: Vec<NewEvent> =
            [Some(event(key, decision, by)), ended].into_iter().flatten().map(NewEvent::of_deployment).collect();
        self.parts().events.append_once(record, &events).await?;
        self.inner.wake.notify_one();
        Ok(())
    }

    /// Ends the deployments that nobody approved in time before their first stage.
    pub(super) async fn expire_questions(&self) -> Result<(), StoreError> {
        for record in self.parts().store.waiting_to_begin().await? {
            let state = self.parts().store.deployment_state(record.summary.id).await?.unwrap_or_default();
            let Some(over) = state.open_approvals().find(|approval| approval.expires <= now()) else { continue };
            if let Err(error) = self.decide_idle(&record, &over.key, Decision::Expired, None).await {
                // A person, or another server, was faster; or it is tried again in a moment.
                tracing::debug!(deployment = record.summary.label, %error, "a question could not be closed");
            }
        }
        Ok(())
    }
}

fn event(key: &str, decision: Decision, by: Option<&str>) -> EventBody {
    EventBody::ApprovalDecided { key: key.into(), decision, by: by.map(str::to_owned) }
}

/// The key of the one open question that is meant.
fn question(label: &str, state: &DeploymentState, asked: &Decide, now: Timestamp) -> Result<String, Failure> {
    let is_meant = |approval: &&Approval| {
        asked.stage.as_ref().is_none_or(|stage| approval.stage.as_ref() == Some(stage))
            && asked.key.as_ref().is_none_or(|key| approval.key == *key)
    };
    let open: Vec<&Approval> = state.open_approvals().filter(is_meant).collect();
    match open.as_slice() {
        [one] if one.expires <= now => {
            Err(refused("approval-expired", format!("the time to decide on {} is over", one.place())))
        }
        [one] => Ok(one.key.clone()),
        [] => Err(match state.approvals.iter().rev().find(is_meant) {
            Some(approval) => decided(label, approval),
            None => refused("nothing-asked", format!("{label} waits for nobody's approval"))
                .hint(format!("`windlass status {label}` shows where it is")),
        }),
        several => {
            let keys: Vec<&str> = several.iter().map(|approval| approval.key.as_str()).collect();
            let message = format!("{label} asks several questions: {}", keys.join(", "));
            Err(Failure::new(ErrorKind::InvalidInput, "several-asked", message)
                .hint("name one: --stage STAGE, or --key KEY where a stage asks several"))
        }
    }
}

/// A second answer comes too late.
fn decided(label: &str, approval: &Approval) -> Failure {
    let what = match &approval.stage {
        Some(stage) => format!("the stage `{stage}` of {label}"),
        None => label.to_owned(),
    };
    let message = match &approval.decided {
        Some(decided) => match &decided.by {
            Some(by) => format!("{by} has {} {what} already", decided.decision),
            None => format!("nobody decided on {what} in time"),
        },
        None => format!("{what} was decided on at the same moment"),
    };
    refused("decided", message).hint(format!("`windlass status {label}` shows where it is"))
}

fn refused(code: &str, message: String) -> Failure {
    Failure::new(ErrorKind::Conflict, code, message)
}
