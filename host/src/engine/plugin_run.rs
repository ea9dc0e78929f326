//! One run of a plugin: a sandbox and its journal, started again where it waited for a person, and what its end
//! means.

use super::execution::{Execution, Halted};
use super::guard::{Guarded, guard};
use super::record::planned_run;
use super::resumption::Resumption;
use super::stage_runner::StageCall;
use crate::capability::World;
use crate::event::NewEvent;
use crate::journal::{JournalOptions, Suspension};
use crate::plugin::{Component, Outcome, RunError};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use windlass_api_types::plan::PlannedRun;
use windlass_api_types::{
    ErrorKind, EventBody, FailedBy, Failure, RunMode, StageRunId, StageRunState, StageStatus, Timestamp,
};

/// Nothing runs forever: what a stage gets that names no timeout.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60 * 60);
/// How long an effect may take to end once its guest was dropped. Then it is left without an answer.
const EFFECT_PATIENCE: Duration = Duration::from_secs(10);

/// The start of one run of a plugin, as its event records it: all that a replay needs to begin alike.
pub(super) struct RunStart<'a> {
    pub(super) run: StageRunId,
    /// Where the guest's clock starts.
    pub(super) at: Timestamp,
    pub(super) mode: RunMode,
    pub(super) context: &'a str,
    /// What an earlier process has recorded of it.
    pub(super) past: Option<&'a StageRunState>,
}

/// How one run of a plugin ended.
pub(super) struct RunEnd {
    pub(super) status: StageStatus,
    pub(super) outputs: Option<Value>,
    pub(super) failure: Option<(Failure, FailedBy)>,
}

/// What one sandbox came to.
enum Came {
    Ended(RunEnd),
    /// It needs an answer that nobody but a person has.
    Suspended(Suspension),
}

/// A sandbox to start.
struct Sandbox<'a> {
    component: &'a Arc<Component>,
    world: Arc<World>,
    cancel: CancellationToken,
    /// How long the run may still take, of how much.
    left: Duration,
    limit: Duration,
}

impl Execution {
    /// Runs a plugin in a fresh sandbox, within the stage's timeout. Where it waits for a person the sandbox is
    /// gone meanwhile, and the wait is not counted.
    pub(super) async fn run_plugin(
        &self,
        call: StageCall<'_>,
        component: &Arc<Component>,
        start: RunStart<'_>,
        cancel: CancellationToken,
    ) -> Result<RunEnd, Halted> {
        let stage = self.stage(call.index);
        let limit = stage.timeout.unwrap_or(DEFAULT_TIMEOUT);
        let Some(world) = self.worlds.get(&stage.uses.name).cloned() else {
            let failure =
                Failure::new(ErrorKind::Internal, "no-world", format!("nothing was prepared for {}", stage.uses));
            return Ok(RunEnd::failed(failure, FailedBy::Platform));
        };
        let mut resumes = start.past.is_some();
        let mut suspended = start.past.is_some_and(|past| past.suspended.is_some());
        loop {
            if suspended && !self.answered(start.run, &cancel).await? {
                return Ok(RunEnd::canceled());
            }
            let resumption = if resumes { self.resume(start.run).await? } else { Resumption::default() };
            let left = limit.saturating_sub(resumption.spent);
            let sandbox = Sandbox { component, world: world.clone(), cancel: cancel.clone(), left, limit };
            match self.run_sandbox(call, sandbox, &start, resumption).await? {
                Came::Ended(end) => return Ok(end),
                Came::Suspended(suspension) => {
                    self.suspend(start.run, suspension).await?;
                    (resumes, suspended) = (true, true);
                }
            }
        }
    }

    async fn run_sandbox(
        &self,
        call: StageCall<'_>,
        sandbox: Sandbox<'_>,
        start: &RunStart<'_>,
        resumption: Resumption,
    ) -> Result<Came, Halted> {
        let options = JournalOptions {
            recorded: resumption.recorded,
            cancel: sandbox.cancel.clone(),
            most_effects: self.runtime.limits().effects,
            secrets: self.inputs.secrets.clone(),
            hand_over: self.stop.hand_over.clone(),
        };
        let record = self.record.open(start.run, start.at, sandbox.world, options);
        let running = sandbox.component.run(&self.runtime, &record.journal, start.mode, start.context);
        let guarded = guard(running, &sandbox.cancel, &self.stop, sandbox.left).await;
        let stuck = record.journal.settle_within(EFFECT_PATIENCE).await;
        let end = match guarded {
            Guarded::HandedOver | Guarded::Ended(Err(RunError::HandedOver)) => return Err(Halted::HandedOver),
            Guarded::Ended(Err(RunError::Suspended(suspension))) => return Ok(Came::Suspended(suspension)),
            guarded => judge(guarded, sandbox.limit, stuck),
        };
        let planned = PlannedRun {
            stage: self.stage(call.index).id.clone(),
            target: call.spot.map(|spot| spot.target.clone()),
            plugin: Some(sandbox.component.label()),
            outputs: end.outputs.clone(),
            failure: end.failure.as_ref().map(|(failure, _)| failure.clone()),
            ..planned_run()
        };
        self.record.list(&record, planned);
        Ok(Came::Ended(end))
    }

    async fn suspend(&self, run: StageRunId, suspension: Suspension) -> Result<(), Halted> {
        let Suspension { status, position, reason, .. } = suspension;
        self.record.settle(NewEvent::of_run(run, EventBody::StageRunSuspended { status, position, reason })).await
    }

    /// Waits for a person's answer, however long it takes. False: the deployment is canceled instead.
    async fn answered(&self, run: StageRunId, cancel: &CancellationToken) -> Result<bool, Halted> {
        loop {
            let answered = self.stop.answered.notified();
            tokio::pin!(answered);
            // From here on an answer is not missed.
            answered.as_mut().enable();
            if self.record.is_resolved(run) {
                return Ok(true);
            }
            tokio::select! {
                () = answered => {}
                expired = self.expired_in(run) => expired?,
                () = cancel.cancelled() => return Ok(false),
                () = self.stop.hand_over.cancelled() => return Err(Halted::HandedOver),
            }
        }
    }

    /// Says that a run goes on, and reads what is recorded of it.
    async fn resume(&self, run: StageRunId) -> Result<Resumption, Halted> {
        let resumption = self.record.resumption(run).await?;
        let spent = resumption.spent.as_millis().try_into().unwrap_or(u64::MAX);
        self.record.note(NewEvent::of_run(run, EventBody::StageRunResumed { spent })).await?;
        Ok(resumption)
    }
}

impl RunEnd {
    pub(super) fn failed(failure: Failure, failed_by: FailedBy) -> Self {
        Self { status: StageStatus::Failed, outputs: None, failure: Some((failure, failed_by)) }
    }

    /// The end that is recorded of a run.
    pub(super) fn of(run: &StageRunState) -> Self {
        let failure = run.failure.clone().map(|failure| (failure, run.failed_by.unwrap_or(FailedBy::Platform)));
        Self { status: run.status, outputs: run.outputs.clone(), failure }
    }

    fn canceled() -> Self {
        Self { status: StageStatus::Canceled, outputs: None, failure: None }
    }
}

/// What the end of a guest means. `stuck`: the call that did not end either, although it was told to.
fn judge(guarded: Guarded, limit: Duration, stuck: Option<&'static str>) -> RunEnd {
    match guarded {
        Guarded::Ended(Ok(Outcome::Done(outputs))) => {
            RunEnd { status: StageStatus::Succeeded, outputs: Some(outputs), failure: None }
        }
        Guarded::Ended(Ok(Outcome::Failed(failure))) => {
            let by = blame(&failure);
            RunEnd::failed(failure, by)
        }
        Guarded::Ended(Err(RunError::Misbehaved(failure))) => RunEnd::failed(failure, FailedBy::Plugin),
        Guarded::Ended(Err(RunError::Platform(failure))) => RunEnd::failed(failure, FailedBy::Platform),
        Guarded::Ended(Err(RunError::Diverged(divergence))) => RunEnd::failed(
            Failure::new(ErrorKind::Failed, "diverged", divergence.to_string())
                .hint("the plugin is not deterministic: tell its author. It is never retried"),
            FailedBy::Plugin,
        ),
        Guarded::TimedOut { dropped } => timed_out(limit, dropped, stuck),
        Guarded::Canceled => RunEnd::canceled(),
        Guarded::Ended(Err(RunError::Suspended(_) | RunError::HandedOver)) | Guarded::HandedOver => {
            unreachable!("what goes on has no end")
        }
    }
}

/// Out of time: whether the guest, or the call it made, would not end is said apart.
fn timed_out(limit: Duration, dropped: bool, stuck: Option<&'static str>) -> RunEnd {
    let of = |code: &str, message: String, hint: &str, by| RunEnd {
        status: StageStatus::TimedOut,
        ..RunEnd::failed(Failure::new(ErrorKind::Timeout, code, message).hint(hint), by)
    };
    match (stuck, dropped) {
        (Some(function), _) => of(
            "stuck-call",
            format!("it did not end within {limit:?}, and its call `{function}` did not end when it was told to"),
            "nobody knows whether that call took effect: look at what it was to change",
            FailedBy::Platform,
        ),
        (None, true) => of(
            "stuck-guest",
            format!("it did not end within {limit:?}, and went on computing when it was told to end"),
            "an endless loop in the plugin? Otherwise raise the stage's `timeout`",
            FailedBy::Plugin,
        ),
        (None, false) => of(
            "stage-timeout",
            format!("it did not end within {limit:?}"),
            "raise the stage's `timeout` if it should take longer",
            FailedBy::Plugin,
        ),
    }
}

/// Who is to blame for what a plugin reports.
fn blame(failure: &Failure) -> FailedBy {
    match failure.kind {
        ErrorKind::Unreachable | ErrorKind::OutcomeUnknown => FailedBy::Target,
        ErrorKind::Internal => FailedBy::Platform,
        ErrorKind::Denied | ErrorKind::InvalidInput => FailedBy::User,
        _ => FailedBy::Plugin,
    }
}
