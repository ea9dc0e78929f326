//! Deciding: a person answers what a deployment waits for. Any signed-in user may.

use super::{Engine, EngineError};
use crate::event::{AppendError, Durability, NewEvent, now};
use crate::store::{DeploymentRecord, StoreError};
use windlass_api_types::approval::{Approval, Decide};
use windlass_api_types::{
    Decision, DeploymentState, DeploymentStatus, ErrorKind, EventBody, FailedBy, Failure, Timestamp,
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
        let event = EventBody::ApprovalDecided { key: key.clone(), decision, by: Some(by.into()) };
        let recorded = match state.started_at {
            None => self.decide_idle(record, event, decision, by).await,
            Some(_) => self.decide_running(record, event).await?,
        };
        match recorded {
            // Somebody was faster.
            Err(AppendError::Illegal(_)) => {
                let state = self.parts().events.state(record.summary.id).await?.unwrap_or_default();
                let decided = state.approval(&key).map(|approval| decided(label, approval));
                Err(decided.map_or(
                    EngineError::Ended { label: label.clone(), status: DeploymentStatus::Canceled },
                    EngineError::Refused,
                ))
            }
            recorded => Ok(recorded?),
        }
    }

    async fn decide_running(
        &self,
        record: &DeploymentRecord,
        event: EventBody,
    ) -> Result<Result<(), AppendError>, EngineError> {
        let elsewhere = || EngineError::Elsewhere { label: record.summary.label.clone() };
        let found =
            self.running().get(&record.summary.id).map(|running| (running.stop.clone(), running.appender.clone()));
        let (stop, appender) = found.ok_or_else(elsewhere)?;
        let appender = appender.get().ok_or_else(elsewhere)?;
        let recorded = appender.commit(NewEvent::of_deployment(event), Durability::Full).await;
        stop.answered.notify_waiters();
        Ok(recorded.map(drop))
    }

    /// Of a deployment that has not begun: it is queued, or ends.
    async fn decide_idle(
        &self,
        record: &DeploymentRecord,
        event: EventBody,
        decision: Decision,
        by: &str,
    ) -> Result<(), AppendError> {
        let end = match decision {
            Decision::Approved => None,
            Decision::Rejected => Some(("rejected", format!("{by} rejected it"))),
            Decision::Expired => Some(("approval-expired", "nobody approved it in time".to_owned())),
        };
        let ended = end.map(|(code, message)| EventBody::DeploymentEnded {
            status: DeploymentStatus::Canceled,
            failed_by: Some(FailedBy::User),
            stage: None,
            failure: Some(Failure::new(ErrorKind::Canceled, code, message)),
            standing: vec!["nothing was changed".into()],
        });
        let events: Vec<NewEvent> = [Some(event), ended].into_iter().flatten().map(NewEvent::of_deployment).collect();
        self.parts().events.append_once(record, &events).await?;
        self.inner.wake.notify_one();
        Ok(())
    }

    /// Ends the deployments that nobody approved in time before their first stage.
    pub(super) async fn expire_questions(&self) -> Result<(), StoreError> {
        for record in self.parts().store.waiting_to_begin().await? {
            let state = self.parts().store.deployment_state(record.summary.id).await?.unwrap_or_default();
            let Some(over) = state.open_approvals().find(|approval| approval.expires <= now()) else { continue };
            let event = EventBody::ApprovalDecided { key: over.key.clone(), decision: Decision::Expired, by: None };
            if let Err(error) = self.decide_idle(&record, event, Decision::Expired, "").await {
                // A person, or another server, was faster; or it is tried again in a moment.
                tracing::debug!(deployment = record.summary.label, %error, "a question could not be closed");
            }
        }
        Ok(())
    }
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
