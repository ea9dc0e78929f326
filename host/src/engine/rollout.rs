//! A rollout: its stages pass over targets in batches, and a batch is through all of them before the
//! next begins.

use super::execution::{Execution, Halted, Spot};
use super::pipeline::Revert;
use super::stage_runner::{StageCall, StageEnd};
use super::undo::UndoScope;
use crate::event::NewEvent;
use futures::future::join_all;
use windlass_api_types::EventBody;

impl Execution {
    /// Runs a rollout batch by batch; the first batch that fails or is canceled is the last.
    pub(super) async fn run_rollout(
        &self,
        name: &str,
        stages: &[usize],
        batches: &[Vec<String>],
    ) -> Result<StageEnd, Halted> {
        let of = batches.len() as u32;
        for (number, batch) in (1..).zip(batches) {
            let event =
                EventBody::BatchStarted { rollout: name.into(), batch: number, batches: of, targets: batch.clone() };
            if !self.past.has_batch(name, number) {
                self.record.note(NewEvent::of_deployment(event)).await?;
            }
            let end = self.run_batch(name, stages, batch).await?;
            if let StageEnd::Failed(_) = &end {
                self.revert(name, number, batch).await?;
            }
            if !matches!(end, StageEnd::Passed) {
                return Ok(end);
            }
        }
        Ok(StageEnd::Passed)
    }

    /// Runs the stages on the targets of a batch side by side. No target starts the pivot before all
    /// have reached it.
    async fn run_batch(&self, rollout: &str, stages: &[usize], batch: &[String]) -> Result<StageEnd, Halted> {
        let groups = self.inputs.pipeline.rollouts.get(rollout).map(|rollout| rollout.targets.clone());
        let spots: Vec<Spot> =
            self.spots(&groups.unwrap_or_default()).into_iter().filter(|spot| batch.contains(&spot.target)).collect();
        let pivot = stages.iter().position(|index| self.stage(*index).pivot).unwrap_or(stages.len());
        let (before, from) = stages.split_at(pivot);
        for part in [before, from] {
            let ends = self.side_by_side(&spots, |spot| self.run_in_order(part, spot, batch)).await?;
            if !matches!(ends, StageEnd::Passed) {
                return Ok(ends);
            }
        }
        Ok(StageEnd::Passed)
    }

    async fn run_in_order(&self, stages: &[usize], spot: &Spot, batch: &[String]) -> Result<StageEnd, Halted> {
        for index in stages {
            let end = self.run_stage(StageCall { index: *index, spot: Some(spot), batch: Some(batch) }).await?;
            if !matches!(end, StageEnd::Passed) {
                return Ok(end);
            }
        }
        Ok(StageEnd::Passed)
    }

    /// Does something on several targets at once, waits for all, and answers the worst end. A plan goes
    /// one by one, so that it reads the same each time.
    pub(super) async fn side_by_side<'a, F>(
        &self,
        spots: &'a [Spot],
        run: impl Fn(&'a Spot) -> F,
    ) -> Result<StageEnd, Halted>
    where
        F: Future<Output = Result<StageEnd, Halted>>,
    {
        let mut ends = Vec::new();
        if self.record.is_plan() {
            for spot in spots {
                ends.push(run(spot).await?);
            }
        } else {
            for end in join_all(spots.iter().map(run)).await {
                ends.push(end?);
            }
        }
        Ok(worst(ends))
    }

    /// Undoes what the rollout's policy says. A failure of the first batch leaves nothing deployed, so
    /// that what came before the rollout is undone with it.
    async fn revert(&self, name: &str, batch_number: u32, batch: &[String]) -> Result<(), Halted> {
        let revert = self.inputs.pipeline.rollouts.get(name).map_or(Revert::Batch, |rollout| rollout.revert);
        match revert {
            Revert::None => {
                self.progress().leave_rest();
                Ok(())
            }
            Revert::All => self.undo(UndoScope::All).await,
            Revert::Batch if batch_number == 1 => self.undo(UndoScope::All).await,
            Revert::Batch => {
                self.undo(UndoScope::Targets(batch)).await?;
                self.progress().leave_rest();
                Ok(())
            }
        }
    }
}

/// A failure before a cancel before a pass; of several failures the first.
fn worst(ends: Vec<StageEnd>) -> StageEnd {
    let mut worst = StageEnd::Passed;
    for end in ends {
        match (&worst, &end) {
            (StageEnd::Failed(_), _) => {}
            (_, StageEnd::Failed(_)) | (StageEnd::Passed, StageEnd::Canceled) => worst = end,
            _ => {}
        }
    }
    worst
}
