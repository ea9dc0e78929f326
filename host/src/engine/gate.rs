//! Where the pipeline itself asks a person: before a stage with `approval`, before the undo of one with `undo = "ask"`. What a plugin asks it waits for in its
//! stage run; the end of the time for both is seen here.

use super::execution::{Execution, Halted, Spot};
use super::pipeline::Stage;
use crate::event::{AppendError, NewEvent, now};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
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

/// A question of the pipeline's own.
struct Question<'a> {
    key: String,
    prompt: String,
    stage: &'a str,
    open_for: Duration,
}

/// How long it is asked whether something is to be undone: over a weekend.
const UNDO_OPEN_FOR: Duration = Duration::from_secs(3 * 24 * 60 * 60);

impl Execution {
    /// Asks for a stage that wants it, once a deployment, and waits. A plan assumes yes.
    pub(super) async fn gate(&self, stage: &Stage) -> Result<Gate, Halted> {
        let Some(open_for) = stage.approval.filter(|_| !self.record.is_plan()) else { return Ok(Gate::Open) };
        let (label, environment) = (&self.inputs.label, &self.inputs.pipeline.environment);
        let question = Question {
            key: stage.id.clone(),
            prompt: format!("Run the stage `{}` of {label} on {environment}?", stage.id),
            stage: &stage.id,
            open_for,
        };
        match self.decided(&question, &self.stop.cancel).await? {
            Some(decided) => Ok(passage(&decided, &format!("the stage `{}`", stage.id))),
            None => Ok(Gate::Canceled),
        }
    }

    /// Asks whether a stage with `undo = "ask"` is to be undone there. Whoever does not answer in time leaves it.
    pub(super) async fn may_undo(&self, stage: &Stage, spot: Option<&Spot>) -> Result<bool, Halted> {
        let (label, place) = (&self.inputs.label, spot.map(|spot| &spot.target));
        let question = Question {
            key: place.iter().fold(format!("undo/{}", stage.id), |key, target| format!("{key}/{target}")),
            prompt: place.iter().fold(format!("Undo the stage `{}` of {label}", stage.id), |text, target| {
                format!("{text} on {target}")
            }) + "?",
            stage: &stage.id,
            open_for: UNDO_OPEN_FOR,
        };
        // A cancel is why it is undone; only a forced one asks nobody any more.
        let decided = self.decided(&question, &self.stop.force).await?;
        Ok(decided.is_some_and(|decided| decided.decision == Decision::Approved))
    }

    /// Asks, and waits for the answer. None: `stop` was told before.
    async fn decided(&self, question: &Question<'_>, stop: &CancellationToken) -> Result<Option<Decided>, Halted> {
        let key = &question.key;
        let decided = |state: &DeploymentState| state.approval(key).and_then(|approval| approval.decided.clone());
        loop {
            let answered = self.stop.answered.notified();
            tokio::pin!(answered);
            // From here on an answer is not missed.
            answered.as_mut().enable();
            if let Some(decided) = self.record.look(decided).flatten() {
                return Ok(Some(decided));
            }
            self.ask(question).await?;
            tokio::select! {
                () = answered => {}
                expired = self.expired(|state| state.approval(key).cloned()) => expired?,
                () = stop.cancelled() => return Ok(None),
                () = self.stop.hand_over.cancelled() => return Err(Halted::HandedOver),
            }
        }
    }

    /// The first that wants to know asks.
    async fn ask(&self, question: &Question<'_>) -> Result<(), Halted> {
        let Question { key, prompt, stage, open_for } = question;
        let is_asked = |state: &DeploymentState| state.approval(key).is_some();
        if self.record.look(is_asked).unwrap_or(true) || !self.progress().asked.insert(key.clone()) {
            return Ok(());
        }
        let event = EventBody::ApprovalRequested {
            key: key.clone(),
            prompt: prompt.clone(),
            expires: expires(*open_for),
            stage: Some((*stage).to_owned()),
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
