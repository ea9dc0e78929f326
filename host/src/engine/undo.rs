//! Undo: what a failure or a cancel takes back, in reverse order, before the pivot.

use super::context::of_undo;
use super::execution::{Execution, RecordLost, StartedRun};
use super::pipeline::UndoPolicy;
use super::stage_runner::{RunStart, StageCall, place};
use crate::event::{NewEvent, now};
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
    pub(super) async fn undo(&self, scope: UndoScope<'_>) -> Result<(), RecordLost> {
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

    async fn undo_run(&self, started: &StartedRun) -> Result<(), RecordLost> {
        let stage = self.stage(started.stage);
        let Ok(component) = self.component(stage) else { return Ok(()) };
        if stage.undo == UndoPolicy::Never || !component.manifest.undo {
            if started.changed {
                let place = place(started.spot.as_ref());
                self.progress().left.entry(place).or_default().insert(0, stage.id.clone());
            }
            return Ok(());
        }
        let undo = StageRunId::new();
        let checkpoint = self.record.checkpoint(started.run).or_else(|| started.checkpoint.clone());
        let context = of_undo(&started.context, undo, checkpoint);
        let target = started.spot.as_ref().map(|spot| spot.target.clone());
        let text = context.to_string();
        let event = EventBody::StageRunStarted {
            stage: stage.id.clone(),
            target: target.clone(),
            attempt: 1,
            mode: RunMode::Undo,
            plugin: component.label(),
            digest: component.digest.clone(),
            context,
        };
        let at = now();
        self.record.note(NewEvent::of_run(undo, event).at(at)).await?;
        let call = StageCall { index: started.stage, spot: started.spot.as_ref(), batch: None };
        // A cancel is why it is undone, not why its undo should stop; only a forced one ends that too.
        let cancel = self.stop.force.child_token();
        let start = RunStart { run: undo, at, mode: RunMode::Undo, context: &text };
        let end = self.run_plugin(call, &component.clone(), start, cancel).await;
        let (failure, failed_by) = end.failure.clone().unzip();
        let event =
            EventBody::StageRunEnded { status: end.status, outputs: None, failure, failed_by, will_retry: false };
        self.record.settle(NewEvent::end_of_run(undo, event)).await?;
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
}
