//! The narration of a deployment: its stages in order, what a failure undoes, what runs in any case,
//! and how it ends.

use super::execution::{Execution, Halted, StageFailure};
use super::pipeline::{Step, schedule};
use super::stage_runner::{StageCall, StageEnd};
use super::standing::standing;
use super::stop::StopReason;
use super::undo::UndoScope;
use windlass_api_types::{DeploymentStatus, ErrorKind, EventBody, FailedBy, Failure};

impl Execution {
    /// Runs the whole pipeline; answers the event that ends the deployment.
    pub(super) async fn run(&self) -> Result<EventBody, Halted> {
        let steps = schedule(&self.inputs.pipeline, &self.inputs.only);
        let (always, steps): (Vec<_>, Vec<_>) = steps.into_iter().partition(|step| self.is_always(step));
        let end = self.run_steps(&steps).await?;
        if !matches!(end, StageEnd::Passed) {
            self.undo(UndoScope::All).await?;
        }
        for step in &always {
            let end = self.run_step(step).await?;
            self.note_failure(&end);
        }
        if matches!(end, StageEnd::Passed) {
            self.activate_rest().await?;
        }
        Ok(self.ended(matches!(end, StageEnd::Passed)))
    }

    async fn run_steps(&self, steps: &[Step]) -> Result<StageEnd, Halted> {
        for step in steps {
            let end = self.run_step(step).await?;
            self.note_failure(&end);
            if !matches!(end, StageEnd::Passed) {
                return Ok(end);
            }
        }
        Ok(StageEnd::Passed)
    }

    async fn run_step(&self, step: &Step) -> Result<StageEnd, Halted> {
        match step {
            Step::Rollout { name, stages, batches } => self.run_rollout(name, stages, batches).await,
            Step::Stage { index, targets } if targets.is_empty() => {
                self.run_stage(StageCall { index: *index, spot: None, batch: None }).await
            }
            Step::Stage { index, targets } => {
                let groups = self.inputs.pipeline.groups_of(self.stage(*index));
                let spots: Vec<_> =
                    self.spots(groups).into_iter().filter(|spot| targets.contains(&spot.target)).collect();
                self.side_by_side(&spots, |spot| {
                    self.run_stage(StageCall { index: *index, spot: Some(spot), batch: None })
                })
                .await
            }
        }
    }

    fn is_always(&self, step: &Step) -> bool {
        match step {
            Step::Stage { index, .. } => self.stage(*index).always,
            Step::Rollout { .. } => false,
        }
    }

    fn note_failure(&self, end: &StageEnd) {
        if let StageEnd::Failed(failure) = end {
            self.progress().failure.get_or_insert(failure.clone());
        }
    }

    /// Without a pivot a release is live once all stages have passed.
    async fn activate_rest(&self) -> Result<(), Halted> {
        if self.inputs.pipeline.stages.iter().any(|stage| stage.pivot) {
            return Ok(());
        }
        let spots = self.all_spots();
        if spots.is_empty() {
            return self.activate(None).await;
        }
        for spot in &spots {
            self.activate(Some(spot)).await?;
        }
        Ok(())
    }

    /// How it ended. Where all stages had `passed`, a wish to stop came too late.
    fn ended(&self, passed: bool) -> EventBody {
        let standing = standing(self);
        let failed = |failure: StageFailure| EventBody::DeploymentEnded {
            status: DeploymentStatus::Failed,
            failed_by: Some(failure.failed_by),
            stage: Some(failure.stage),
            failure: Some(failure.failure),
            standing: standing.clone(),
        };
        let failure = self.progress().failure.clone();
        match (failure, self.stop.reason().filter(|_| !passed)) {
            (Some(failure), _) => failed(failure),
            (None, Some(StopReason::Canceled { by })) => EventBody::DeploymentEnded {
                status: DeploymentStatus::Canceled,
                failed_by: Some(FailedBy::User),
                stage: None,
                failure: Some(Failure::new(ErrorKind::Canceled, "canceled", format!("canceled by {by}"))),
                standing,
            },
            (None, Some(StopReason::TimedOut { after })) => EventBody::DeploymentEnded {
                status: DeploymentStatus::Failed,
                failed_by: Some(FailedBy::User),
                stage: None,
                failure: Some(
                    Failure::new(
                        ErrorKind::Timeout,
                        "deployment-timeout",
                        format!("the deployment did not end within {after:?}"),
                    )
                    .hint("raise `timeout` in windlass.toml if it should take longer"),
                ),
                standing,
            },
            (None, None) if !passed => EventBody::DeploymentEnded {
                status: DeploymentStatus::Canceled,
                failed_by: Some(FailedBy::Platform),
                stage: None,
                failure: Some(Failure::new(
                    ErrorKind::Canceled,
                    "canceled",
                    "it was stopped, and nothing says by whom",
                )),
                standing,
            },
            (None, None) => EventBody::DeploymentEnded {
                status: DeploymentStatus::Succeeded,
                failed_by: None,
                stage: None,
                failure: None,
                standing: Vec::new(),
            },
        }
    }
}
