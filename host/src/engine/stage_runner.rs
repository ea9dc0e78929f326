//! One stage on one target: its condition, its config, its attempts, and how they end.

use super::context::RunContext;
use super::execution::{Execution, RecordLost, Spot, StageFailure, StartedRun};
use super::guard::{Guarded, guard};
use super::pipeline::{OnFailure, Stage, holds, interpolate};
use super::record::planned_run;
use crate::event::{NewEvent, now};
use crate::plugin::{Component, Outcome, RunError};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use windlass_api_types::plan::PlannedRun;
use windlass_api_types::{ErrorKind, EventBody, FailedBy, Failure, RunMode, StageRunId, StageStatus, Timestamp};

/// Nothing runs forever: what a stage gets that names no timeout.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60 * 60);
/// Waits between attempts double from here …
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// … to here.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A stage on a target.
#[derive(Clone, Copy)]
pub(super) struct StageCall<'a> {
    pub(super) index: usize,
    pub(super) spot: Option<&'a Spot>,
    pub(super) batch: Option<&'a [String]>,
}

/// How a stage ended on a target.
#[derive(Clone, Debug)]
pub(super) enum StageEnd {
    /// It succeeded, was skipped, or failed and that only warns.
    Passed,
    Failed(StageFailure),
    Canceled,
}

/// The start of one run of a plugin, as its event records it: all that a replay needs to begin alike.
pub(super) struct RunStart<'a> {
    pub(super) run: StageRunId,
    /// Where the guest's clock starts.
    pub(super) at: Timestamp,
    pub(super) mode: RunMode,
    pub(super) context: &'a str,
}

/// How one run of a plugin ended.
pub(super) struct RunEnd {
    pub(super) status: StageStatus,
    pub(super) outputs: Option<Value>,
    pub(super) failure: Option<(Failure, FailedBy)>,
}

impl Execution {
    /// Runs a stage on a target, as often as its policy says.
    pub(super) async fn run_stage(&self, call: StageCall<'_>) -> Result<StageEnd, RecordLost> {
        let stage = self.stage(call.index);
        if self.stop.asked() && !stage.always {
            return Ok(StageEnd::Canceled);
        }
        let scope = self.scope(call.spot);
        match holds(&stage.when, &scope) {
            Ok(true) => {}
            Ok(false) => {
                self.skip(stage, call.spot, "its `when` does not hold").await?;
                return Ok(StageEnd::Passed);
            }
            Err(error) => return self.never_started(call, error.failure()).await,
        }
        let config = match interpolate(&stage.with, &scope) {
            Ok(config) => config,
            Err(error) => return self.never_started(call, error.failure()).await,
        };
        let component = match self.component(stage) {
            Ok(component) => component.clone(),
            Err(failure) => return self.never_started(call, failure).await,
        };
        if let Err(error) = component.check_config(&config) {
            let message = format!("the config of the stage `{}` does not fit its plugin: {error}", stage.id);
            return self.never_started(call, Failure::new(ErrorKind::InvalidInput, "bad-config", message)).await;
        }
        self.attempts(call, &component, &config).await
    }

    async fn attempts(
        &self,
        call: StageCall<'_>,
        component: &Arc<Component>,
        config: &Value,
    ) -> Result<StageEnd, RecordLost> {
        let stage = self.stage(call.index);
        let mut wait = FIRST_WAIT;
        let mut checkpoint = None;
        for attempt in 1.. {
            let run = StageRunId::new();
            let of = RunContext {
                stage,
                spot: call.spot,
                batch: call.batch,
                run,
                attempt,
                config,
                checkpoint: checkpoint.clone(),
            };
            let context = self.context(&of);
            let end = self.attempt(call, component, &of, context).await?;
            let retry = attempt <= stage.retries
                && !self.stop.asked()
                && end.failure.as_ref().is_some_and(|(failure, _)| failure.retryable);
            let end = self.end_run(call, run, end, retry).await?;
            if !retry {
                return Ok(end);
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.stop.cancel.cancelled() => return Ok(StageEnd::Canceled),
            }
            wait = (wait * 2).min(LONGEST_WAIT);
            // An attempt that stored none goes on from the one before it.
            checkpoint = self.record.checkpoint(run).or(checkpoint);
        }
        unreachable!("the attempts of a stage end with a return")
    }

    /// One attempt: a fresh sandbox with a journal of its own.
    async fn attempt(
        &self,
        call: StageCall<'_>,
        component: &Arc<Component>,
        of: &RunContext<'_>,
        context: Value,
    ) -> Result<RunEnd, RecordLost> {
        let stage = of.stage;
        let at = now();
        let started = StartedRun {
            run: of.run,
            stage: call.index,
            spot: call.spot.cloned(),
            context: context.clone(),
            checkpoint: of.checkpoint.clone(),
            changed: false,
        };
        {
            let mut progress = self.progress();
            progress.start(started);
            if stage.pivot {
                progress.pivoted.insert(place(call.spot));
            }
        }
        let text = context.to_string();
        let event = EventBody::StageRunStarted {
            stage: stage.id.clone(),
            target: call.spot.map(|spot| spot.target.clone()),
            attempt: of.attempt,
            mode: RunMode::Run,
            plugin: component.label(),
            digest: component.digest.clone(),
            context,
        };
        self.record.note(NewEvent::of_run(of.run, event).at(at)).await?;
        // What runs in any case is ended only by force.
        let cancel = if stage.always { self.stop.force.child_token() } else { self.stop.cancel.child_token() };
        let start = RunStart { run: of.run, at, mode: RunMode::Run, context: &text };
        Ok(self.run_plugin(call, component, start, cancel).await)
    }

    /// Runs a plugin in a fresh sandbox, within the stage's timeout.
    pub(super) async fn run_plugin(
        &self,
        call: StageCall<'_>,
        component: &Arc<Component>,
        start: RunStart<'_>,
        cancel: CancellationToken,
    ) -> RunEnd {
        let RunStart { run, at, mode, context } = start;
        let stage = self.stage(call.index);
        let limit = stage.timeout.unwrap_or(DEFAULT_TIMEOUT);
        let Some(world) = self.worlds.get(&stage.uses.name).cloned() else {
            let failure =
                Failure::new(ErrorKind::Internal, "no-world", format!("nothing was prepared for {}", stage.uses));
            return RunEnd::failed(failure, FailedBy::Platform);
        };
        let record = self.record.open(
            run,
            at,
            world,
            cancel.clone(),
            self.runtime.limits().effects,
            self.inputs.secrets.clone(),
        );
        let running = component.run(&self.runtime, &record.journal, mode, context);
        let guarded = guard(running, &cancel, &self.stop.force, limit).await;
        record.journal.settle().await;
        if record.journal.changed_the_world() {
            self.progress().changed(run);
        }
        let end = judge(guarded, limit);
        self.record.list(
            &record,
            PlannedRun {
                stage: stage.id.clone(),
                target: call.spot.map(|spot| spot.target.clone()),
                plugin: Some(component.label()),
                outputs: end.outputs.clone(),
                failure: end.failure.as_ref().map(|(failure, _)| failure.clone()),
                ..planned_run()
            },
        );
        end
    }

    /// Records the end of a run, and says what it means for the deployment.
    async fn end_run(
        &self,
        call: StageCall<'_>,
        run: StageRunId,
        mut end: RunEnd,
        will_retry: bool,
    ) -> Result<StageEnd, RecordLost> {
        let stage = self.stage(call.index);
        let warns = !will_retry && self.only_warns(stage, call.spot);
        if warns && matches!(end.status, StageStatus::Failed | StageStatus::TimedOut) {
            end.status = StageStatus::Warned;
        }
        let (failure, failed_by) = end.failure.clone().unzip();
        let event = EventBody::StageRunEnded {
            status: end.status,
            outputs: end.outputs.clone(),
            failure,
            failed_by,
            will_retry,
        };
        self.record.settle(NewEvent::end_of_run(run, event)).await?;
        if let Some(outputs) = end.outputs {
            let mut progress = self.progress();
            progress.outputs.entry(stage.id.clone()).or_default().insert(place(call.spot), outputs);
        }
        match end.status {
            StageStatus::Succeeded | StageStatus::Warned => {
                if stage.pivot && end.status == StageStatus::Succeeded {
                    self.activate(call.spot).await?;
                }
                Ok(StageEnd::Passed)
            }
            StageStatus::Canceled => Ok(StageEnd::Canceled),
            _ => {
                let (failure, failed_by) = end.failure.unwrap_or_else(|| {
                    (
                        Failure::new(ErrorKind::Internal, "no-reason", "the stage failed without a reason"),
                        FailedBy::Platform,
                    )
                });
                Ok(StageEnd::Failed(StageFailure { stage: stage.id.clone(), failure, failed_by }))
            }
        }
    }

    /// Behind the pivot a failure only warns, as it does where the stage says so.
    fn only_warns(&self, stage: &Stage, spot: Option<&Spot>) -> bool {
        let behind_pivot = !stage.pivot && self.progress().pivoted.contains(&place(spot));
        stage.on_failure == OnFailure::Warn || behind_pivot
    }

    /// The release is what runs there now.
    pub(super) async fn activate(&self, spot: Option<&Spot>) -> Result<(), RecordLost> {
        self.progress().activated.insert(place(spot));
        let target = spot.map(|spot| spot.target.clone());
        let event = EventBody::ReleaseActivated { target, release: self.inputs.release.label.clone() };
        self.record.note(NewEvent::of_deployment(event)).await
    }

    pub(super) async fn skip(&self, stage: &Stage, spot: Option<&Spot>, reason: &str) -> Result<(), RecordLost> {
        let target = spot.map(|spot| spot.target.clone());
        self.record.list_skipped(&stage.id, target.as_deref(), reason);
        let event = EventBody::StageSkipped { stage: stage.id.clone(), target, reason: reason.into() };
        self.record.note(NewEvent::of_deployment(event)).await
    }

    /// A stage whose config could not even be made: a run that ends at once, so that it can be seen.
    async fn never_started(&self, call: StageCall<'_>, failure: Failure) -> Result<StageEnd, RecordLost> {
        let stage = self.stage(call.index);
        let run = StageRunId::new();
        let event = EventBody::StageRunStarted {
            stage: stage.id.clone(),
            target: call.spot.map(|spot| spot.target.clone()),
            attempt: 1,
            mode: RunMode::Run,
            plugin: stage.uses.to_string(),
            digest: stage.uses.digest.clone(),
            context: Value::Null,
        };
        self.record.note(NewEvent::of_run(run, event)).await?;
        self.end_run(call, run, RunEnd::failed(failure, FailedBy::User), false).await
    }
}

impl RunEnd {
    fn failed(failure: Failure, failed_by: FailedBy) -> Self {
        Self { status: StageStatus::Failed, outputs: None, failure: Some((failure, failed_by)) }
    }
}

/// Where a stage runs, as a key: its target, or nothing for the server.
pub(super) fn place(spot: Option<&Spot>) -> String {
    spot.map(|spot| spot.target.clone()).unwrap_or_default()
}

/// What the end of a guest means.
fn judge(guarded: Guarded, limit: Duration) -> RunEnd {
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
        Guarded::TimedOut => RunEnd {
            status: StageStatus::TimedOut,
            ..RunEnd::failed(
                Failure::new(ErrorKind::Timeout, "stage-timeout", format!("it did not end within {limit:?}"))
                    .hint("raise the stage's `timeout` if it should take longer"),
                FailedBy::Plugin,
            )
        },
        Guarded::Canceled => RunEnd { status: StageStatus::Canceled, outputs: None, failure: None },
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
