//! Undo: what a failure or a cancel takes back, in reverse order, before the pivot.

use super::context::of_undo;
use super::execution::{Execution, Halted, StartedRun};
use super::pipeline::UndoPolicy;
use super::plugin_run::{RunEnd, RunStart};
use super::stage_runner::{StageCall, place};
use crate::crash;
use crate::event::{NewEvent, now};
use crate::plugin::Component;
use std::sync::Arc;
use windlass_api_types::{EventBody, RunMode, StageRunId, StageStatus};

/// Which runs are undone.
pub(super) enum UndoScope<'a> {
    /// All that started.
    All,
    /// Those on these targets, and nothing on the server.
    Targets(&'a [String]),
}

impl Execution {
    /// Undoes started stage runs, the last first. Where the pivot has started nothing is undone; a run
    /// on the server is undone only while no pivot has.
    pub(super) async fn undo(&self, scope: UndoScope<'_>) -> Result<(), Halted> {
        if self.record.is_plan() {
            return Ok(());
        }
        for run in self.undoable(scope) {
            if self.stop.force.is_cancelled() {
                return Ok(());
            }
            self.undo_run(&run).await?;
        }
        Ok(())
    }

    fn undoable(&self, scope: UndoScope<'_>) -> Vec<StartedRun> {
        let mut progress = self.progress();
        let pivoted = progress.pivoted.clone();
        let chosen = |run: &StartedRun| match (&run.spot, &scope) {
            (None, UndoScope::Targets(_)) => false,
            (None, UndoScope::All) => pivoted.is_empty(),
            (Some(spot), UndoScope::Targets(targets)) => {
                targets.contains(&spot.target) && !pivoted.contains(&spot.target) && !pivoted.contains("")
            }
            (Some(spot), UndoScope::All) => !pivoted.contains(&spot.target) && !pivoted.contains(""),
        };
        let (undoable, kept): (Vec<_>, Vec<_>) = progress.started.drain(..).partition(chosen);
        progress.started = kept;
        undoable.into_iter().rev().collect()
    }

    async fn undo_run(&self, started: &StartedRun) -> Result<(), Halted> {
        let stage = self.stage(started.stage);
        let Ok(component) = self.component(stage) else { return Ok(()) };
        let undoes = stage.undo != UndoPolicy::Never && component.manifest.undo;
        let component = component.clone();
        let asks = undoes && stage.undo == UndoPolicy::Ask;
        if !undoes || asks && !self.may_undo(stage, started.spot.as_ref()).await? {
            let target = started.spot.as_ref().map(|spot| spot.target.as_str());
            if self.record.changed(&stage.id, target) {
                let place = place(started.spot.as_ref());
                self.progress().left.entry(place).or_default().insert(0, stage.id.clone());
            }
            return Ok(());
        }
        let end = self.undone(started, &component).await?;
        let target = started.spot.as_ref().map(|spot| spot.target.clone());
        let mut progress = self.progress();
        match end.status {
            StageStatus::Succeeded => {
                progress.undone.insert(place(started.spot.as_ref()));
            }
            status => {
                let place = target.as_ref().map(|target| format!(" on {target}")).unwrap_or_default();
                let reason = end.failure.map_or(status.to_string(), |(failure, _)| failure.message);
                let sentence = format!("the undo of `{}`{place} did not succeed: {reason}", stage.id);
                progress.undo_failures.push((target.unwrap_or_default(), sentence));
            }
        }
        Ok(())
    }

    /// Runs an undo; one that an earlier process began goes on, one that ended there is answered.
    async fn undone(&self, started: &StartedRun, component: &Arc<Component>) -> Result<RunEnd, Halted> {
        let stage = self.stage(started.stage);
        let spot = started.spot.as_ref();
        let past = self.past.run(&stage.id, spot, RunMode::Undo, 1);
        if let Some(past) = past.filter(|past| past.state.ended_at.is_some()) {
            return Ok(RunEnd::of(past.state));
        }
        let undo = past.map_or_else(StageRunId::new, |past| past.state.id);
        let at = past.map_or_else(now, |past| past.at);
        let checkpoint = self.record.checkpoint(started.run).or_else(|| started.checkpoint.clone());
        let context = past.map_or_else(|| of_undo(&started.context, undo, checkpoint), |past| past.context.clone());
        let text = context.to_string();
        if past.is_none() {
            let event = EventBody::StageRunStarted {
                stage: stage.id.clone(),
                target: spot.map(|spot| spot.target.clone()),
                attempt: 1,
                mode: RunMode::Undo,
                plugin: component.label(),
                digest: component.digest.clone(),
                context,
            };
            self.record.note(NewEvent::of_run(undo, event).at(at)).await?;
            crash::at("engine.undo-started");
        }
        let call = StageCall { index: started.stage, spot, batch: None };
        // A cancel is why it is undone, not why its undo should stop; only a forced one ends that too.
        let cancel = self.stop.force.child_token();
        let past = past.map(|past| past.state);
        let start = RunStart { run: undo, at, mode: RunMode::Undo, context: &text, past };
        let end = self.run_plugin(call, component, start, cancel).await?;
        let (failure, failed_by) = end.failure.clone().unzip();
        let event =
            EventBody::StageRunEnded { status: end.status, outputs: None, failure, failed_by, will_retry: false };
        self.record.settle(NewEvent::end_of_run(undo, event)).await?;
        crash::at("engine.undo-ended");
        Ok(end)
    }
}
