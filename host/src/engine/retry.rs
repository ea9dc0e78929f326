//! A retry: a new deployment with the inputs that an earlier one pinned.

use super::create::{Delivery, Purpose};
use super::inputs::PinnedInputs;
use super::{Engine, EngineError};
use crate::store::DeploymentRecord;
use serde_json::Value;
use std::collections::HashMap;
use windlass_api_types::{DeploymentKind, DeploymentState, RunMode, StageRunState};

impl Engine {
    /// Deploys again what a deployment that has ended delivered: the same release, pipeline, plugins, variables and
    /// versions of secrets. `from_failed`: what it did and nobody has undone is not done again.
    pub async fn retry(
        &self,
        record: &DeploymentRecord,
        from_failed: bool,
        actor: &str,
    ) -> Result<DeploymentRecord, EngineError> {
        self.check_open()?;
        let status = record.summary.status;
        if !status.is_terminal() {
            return Err(EngineError::NotEnded { label: record.summary.label.clone(), status });
        }
        let inputs = self.inputs(record).await?;
        // Before it is queued: whether every plugin it pins is still to be had.
        self.components(&inputs.pipeline).await?;
        let pinned: PinnedInputs = serde_json::from_value(record.inputs.clone())?;
        let standing = from_failed.then_some(record.summary.id);
        let delivery = Delivery {
            pipeline: &inputs.pipeline,
            project: record.project_id,
            environment: record.environment_id,
            revision: record.pipeline_revision_id,
            release: &inputs.release,
        };
        let purpose = Purpose { reason: DeploymentKind::Retry, actor };
        self.enqueue_with(delivery, purpose, PinnedInputs { standing, ..pinned }).await
    }
}

/// What an earlier deployment did that still stands: outputs by stage and place.
#[derive(Default)]
pub(super) struct Standing {
    /// Such as `shop#41`.
    pub(super) label: String,
    outputs: HashMap<(String, Option<String>), Option<Value>>,
}

impl Standing {
    /// Everything that passed and whose undo never began. What stood for an even earlier deployment is not known
    /// here, and is done again.
    pub(super) fn of(label: &str, state: &DeploymentState) -> Self {
        let place = |run: &StageRunState| (run.stage.clone(), run.target.clone());
        let mut outputs = HashMap::new();
        for run in &state.runs {
            match run.mode {
                RunMode::Run if run.status.passed() => drop(outputs.insert(place(run), run.outputs.clone())),
                RunMode::Run | RunMode::Undo => drop(outputs.remove(&place(run))),
            }
        }
        Self { label: label.into(), outputs }
    }

    /// What a stage answered there; absent where it is to run.
    pub(super) fn outputs(&self, stage: &str, target: Option<&str>) -> Option<Option<Value>> {
        self.outputs.get(&(stage.to_owned(), target.map(String::from))).cloned()
    }
}
