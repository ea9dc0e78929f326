//! Where the pipeline itself asks a person: before a stage with `approval`. What a plugin asks it waits for in its
//! stage run; the end of the time for both is seen here.

use super::execution::{Execution, Halted};
use super::pipeline::Stage;
use crate::event::{AppendError, NewEvent, now};
use std::time::Duration;
use windlass_api_types::approval::{Approval, Decided};
use windlass_api_types::{Decision, DeploymentState, ErrorKind, EventBody, Failure, StageRunId, Timestamp};

/// What a person said of a stage.
pub(super) enum Gate {
    Open,
    /// It does not run.
    Shut(Failure),
    /// The deployment is to stop before anybody said anything.
    Canceled,
}

impl Execution {
    /// Asks for a stage that wants it, once a deployment, and waits. A plan assumes yes.
    pub(super) async fn gate(&self, stage: &Stage) -> Result<Gate, Halted> {
        let Some(open_for) = stage.approval.filter(|_| !self.record.is_plan()) else { return Ok(Gate::Open) };
        let decided = |state: &DeploymentState| state.approval(&stage.id).and_then(|approval| approval.decided.clone());
        loop {
            let answered = self.stop.answered.notified();
            tokio::pin!(answered);
            // From here on an answer is not missed.
            answered.as_mut().enable();
            if let Some(decided) = self.record.look(decided).flatten() {
                return Ok(passage(&decided, &format!("the stage `{}`", stage.id)));
            }
            self.ask(stage, open_for).await?;
            tokio::select! {
                () = answered => {}
                expired = self.expired(|state| state.approval(&stage.id).cloned()) => expired?,
                () = self.stop.cancel.cancelled() => return Ok(Gate::Canceled),
                () = self.stop.hand_over.cancelled() => return Err(Halted::HandedOver),
            }
        }
    }

    /// The first of its targets asks for a stage.
    async fn ask(&self, stage: &Stage, open_for: Duration) -> Result<(), Halted> {
        let is_asked = |state: &DeploymentState| state.approval(&stage.id).is_some();
        if self.record.look(is_asked).unwrap_or(true) || !self.progress().asked.insert(stage.id.clone()) {
            return Ok(());
        }
        let pipeline = &self.inputs.pipeline;
        let event = EventBody::ApprovalRequested {
            key: stage.id.clone(),
            prompt: format!("Run the stage `{}` of {} on {}?", stage.id, self.inputs.label, pipeline.environment),
            expires: expires(open_for),
            stage: Some(stage.id.clone()),
        };
        self.record.settle(NewEvent::of_deployment(event)).await
    }

    /// Waits until the time for what a stage run waits for is over, and records that.
    pub(super) async fn expired_in(&self, run: StageRunId) -> Result<(), Halted> {
        self.expired(|state| state.waits_for(run).cloned()).await
    }

    async fn expired(&self, question: impl Fn(&DeploymentState) -> Option<Approval>) -> Result<(), Halted> {
        let open = |state: &DeploymentState| question(state).filter(Approval::is_open);
        let Some(asked) = self.record.look(open).flatten() else { return std::future::pending().await };
        let left = u64::try_from(asked.expires - now()).unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(left)).await;
        let event = EventBody::ApprovalDecided { key: asked.key, decision: Decision::Expired, by: None };
        let recorded = match self.record.settle(NewEvent::of_deployment(event)).await {
            // Somebody was faster.
            Err(Halted::Record(AppendError::Illegal(_))) => Ok(()),
            result => result,
        };
        self.stop.answered.notify_waiters();
        recorded
    }
}

/// When a question that is asked now closes.
pub(super) fn expires(open_for: Duration) -> Timestamp {
    now().saturating_add(i64::try_from(open_for.as_millis()).unwrap_or(i64::MAX))
}

/// What a decision means for what asked.
fn passage(decided: &Decided, what: &str) -> Gate {
    let by = decided.by.as_deref().unwrap_or("nobody");
    match decided.decision {
        Decision::Approved => Gate::Open,
        Decision::Rejected => Gate::Shut(
            Failure::new(ErrorKind::Denied, "rejected", format!("{by} rejected {what}"))
                .hint("deploy again when it may run"),
        ),
        Decision::Expired => Gate::Shut(
            Failure::new(ErrorKind::Timeout, "approval-expired", format!("nobody approved {what} in time"))
                .hint("deploy again; `approval = \"12h\"` in windlass.toml says how long it waits"),
        ),
    }
}
