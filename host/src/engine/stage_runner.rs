//! One stage on one target: its condition, its config, its attempts, and how they end.

use super::context::RunContext;
use super::execution::{Execution, Halted, Spot, StageFailure, StartedRun};
use super::gate::Gate;
use super::pipeline::{OnFailure, Stage, holds, interpolate};
use super::plugin_run::{RunEnd, RunStart};
use crate::crash;
use crate::event::{NewEvent, now};
use crate::plugin::Component;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use windlass_api_types::{ErrorKind, EventBody, FailedBy, Failure, RunMode, StageRunId, StageStatus, Timestamp};

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

/// An attempt that has ended.
struct Attempt {
    run: StageRunId,
    end: StageEnd,
    /// Whether another one follows.
    will_retry: bool,
}

/// A run that begins.
struct NewRun {
    run: StageRunId,
    at: Timestamp,
}

impl Execution {
    /// Runs a stage on a target, as often as its policy says.
    pub(super) async fn run_stage(&self, call: StageCall<'_>) -> Result<StageEnd, Halted> {
        let stage = self.stage(call.index);
        let has_begun = self.past.run(&stage.id, call.spot, RunMode::Run, 1).is_some();
        if self.stop.asked() && !stage.always && !has_begun {
            return Ok(StageEnd::Canceled);
        }
        if let Some(outputs) = self.inputs.standing.outputs(&stage.id, call.spot.map(|spot| spot.target.as_str())) {
            if let Some(outputs) = outputs {
                self.progress().outputs.entry(stage.id.clone()).or_default().insert(place(call.spot), outputs);
            }
            let reason = format!("{} did it, and it stands", self.inputs.standing.label);
            self.skip(stage, call.spot, &reason).await?;
            return Ok(StageEnd::Passed);
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
        match self.gate(stage).await? {
            Gate::Open => {}
            Gate::Shut(failure) => return self.never_started(call, failure).await,
            Gate::Canceled => return Ok(StageEnd::Canceled),
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
    ) -> Result<StageEnd, Halted> {
        let mut wait = FIRST_WAIT;
        let mut checkpoint = None;
        for attempt in 1.. {
            let ended = self.attempt(call, component, config, attempt, &checkpoint).await?;
            if !ended.will_retry {
                return Ok(ended.end);
            }
            let follows = self.past.run(&self.stage(call.index).id, call.spot, RunMode::Run, attempt + 1).is_some();
            if !follows {
                tokio::select! {
                    () = self.stop.cancel.cancelled() => return Ok(StageEnd::Canceled),
                    () = self.stop.hand_over.cancelled() => return Err(Halted::HandedOver),
                    () = tokio::time::sleep(wait) => {}
                }
            }
            wait = (wait * 2).min(LONGEST_WAIT);
            // An attempt that stored none goes on from the one before it.
            checkpoint = self.record.checkpoint(ended.run).or(checkpoint);
        }
        unreachable!("the attempts of a stage end with a return")
    }

    /// One attempt: it begins, or goes on where an earlier process left it, or has ended there.
    async fn attempt(
        &self,
        call: StageCall<'_>,
        component: &Arc<Component>,
        config: &Value,
        attempt: u32,
        checkpoint: &Option<Value>,
    ) -> Result<Attempt, Halted> {
        let stage = self.stage(call.index);
        let past = self.past.run(&stage.id, call.spot, RunMode::Run, attempt);
        let run = past.map_or_else(StageRunId::new, |past| past.state.id);
        let checkpoint = checkpoint.clone();
        let of = RunContext { stage, spot: call.spot, batch: call.batch, run, attempt, config, checkpoint };
        let context = past.map_or_else(|| self.context(&of), |past| past.context.clone());
        self.begin(call, &of, &context);
        if let Some(past) = past.filter(|past| past.state.ended_at.is_some()) {
            let end = self.conclude(call, RunEnd::of(past.state)).await?;
            return Ok(Attempt { run, end, will_retry: past.state.will_retry });
        }
        let at = past.map_or_else(now, |past| past.at);
        let text = context.to_string();
        if past.is_none() {
            self.note_start(call, component, attempt, context, NewRun { run, at }).await?;
        }
        // What runs in any case is ended only by force.
        let cancel = if stage.always { self.stop.force.child_token() } else { self.stop.cancel.child_token() };
        let start = RunStart { run, at, mode: RunMode::Run, context: &text, past: past.map(|past| past.state) };
        let end = self.run_plugin(call, component, start, cancel).await?;
        let retryable = end.failure.as_ref().is_some_and(|(failure, _)| failure.retryable);
        let will_retry = attempt <= stage.retries && !self.stop.asked() && retryable;
        let end = self.record_end(call, run, end, will_retry).await?;
        let end = self.conclude(call, end).await?;
        Ok(Attempt { run, end, will_retry })
    }

    /// Remembers a run for the undo.
    fn begin(&self, call: StageCall<'_>, of: &RunContext<'_>, context: &Value) {
        let mut progress = self.progress();
        progress.start(StartedRun {
            run: of.run,
            stage: call.index,
            spot: call.spot.cloned(),
            context: context.clone(),
            checkpoint: of.checkpoint.clone(),
        });
        if of.stage.pivot {
            progress.pivoted.insert(place(call.spot));
        }
    }

    async fn note_start(
        &self,
        call: StageCall<'_>,
        component: &Component,
        attempt: u32,
        context: Value,
        new: NewRun,
    ) -> Result<(), Halted> {
        let event = EventBody::StageRunStarted {
            stage: self.stage(call.index).id.clone(),
            target: call.spot.map(|spot| spot.target.clone()),
            attempt,
            mode: RunMode::Run,
            plugin: component.label(),
            digest: component.digest.clone(),
            context,
        };
        self.record.note(NewEvent::of_run(new.run, event).at(new.at)).await?;
        crash::at("engine.run-started");
        Ok(())
    }

    /// Records the end of a run.
    async fn record_end(
        &self,
        call: StageCall<'_>,
        run: StageRunId,
        mut end: RunEnd,
        will_retry: bool,
    ) -> Result<RunEnd, Halted> {
        let warns = !will_retry && self.only_warns(self.stage(call.index), call.spot);
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
        crash::at("engine.run-ended");
        Ok(end)
    }

    /// Says what the end of a run means for the deployment.
    async fn conclude(&self, call: StageCall<'_>, end: RunEnd) -> Result<StageEnd, Halted> {
        let stage = self.stage(call.index);
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
    pub(super) async fn activate(&self, spot: Option<&Spot>) -> Result<(), Halted> {
        self.progress().activated.insert(place(spot));
        if self.past.is_activated(&place(spot)) {
            return Ok(());
        }
        let target = spot.map(|spot| spot.target.clone());
        let event = EventBody::ReleaseActivated { target, release: self.inputs.release.label.clone() };
        self.record.note(NewEvent::of_deployment(event)).await?;
        crash::at("engine.activated");
        Ok(())
    }

    pub(super) async fn skip(&self, stage: &Stage, spot: Option<&Spot>, reason: &str) -> Result<(), Halted> {
        let target = spot.map(|spot| spot.target.clone());
        self.record.list_skipped(&stage.id, target.as_deref(), reason);
        if self.past.is_skipped(&stage.id, target.as_deref()) {
            return Ok(());
        }
        let event = EventBody::StageSkipped { stage: stage.id.clone(), target, reason: reason.into() };
        self.record.note(NewEvent::of_deployment(event)).await
    }

    /// A stage whose config could not even be made: a run that ends at once, so that it can be seen.
    async fn never_started(&self, call: StageCall<'_>, failure: Failure) -> Result<StageEnd, Halted> {
        let stage = self.stage(call.index);
        let end = RunEnd::failed(failure, FailedBy::User);
        let past = self.past.run(&stage.id, call.spot, RunMode::Run, 1);
        if let Some(past) = past.filter(|past| past.state.ended_at.is_some()) {
            return self.conclude(call, RunEnd::of(past.state)).await;
        }
        let run = past.map_or_else(StageRunId::new, |past| past.state.id);
        if past.is_none() {
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
        }
        let end = self.record_end(call, run, end, false).await?;
        self.conclude(call, end).await
    }
}

/// Where a stage runs, as a key: its target, or nothing for the server.
pub(super) fn place(spot: Option<&Spot>) -> String {
    spot.map(|spot| spot.target.clone()).unwrap_or_default()
}
