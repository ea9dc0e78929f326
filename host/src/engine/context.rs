//! The context document, version 1: what a stage is told. The SDK's `Context` is its reference.

use super::execution::{Execution, Spot};
use super::pipeline::{Place, Stage};
use serde_json::{Value, json};
use windlass_api_types::{RunMode, StageRunId};

/// One stage run to make a context for.
pub(super) struct RunContext<'a> {
    pub(super) stage: &'a Stage,
    pub(super) spot: Option<&'a Spot>,
    /// Names of the targets of its batch.
    pub(super) batch: Option<&'a [String]>,
    pub(super) run: StageRunId,
    pub(super) attempt: u32,
    pub(super) config: &'a Value,
    pub(super) checkpoint: Option<Value>,
}

impl Execution {
    /// The context of a run.
    pub(super) fn context(&self, of: &RunContext<'_>) -> Value {
        let inputs = &self.inputs;
        let here = of.spot.map_or("", |spot| &spot.target);
        let previous = inputs.live.get(here).map(|label| json!({ "label": label }));
        json!({
            "context": 1,
            "mode": RunMode::Run,
            "kind": inputs.kind,
            "project": inputs.pipeline.project,
            "environment": inputs.pipeline.environment,
            "deployment": {
                "id": inputs.id, "number": inputs.number, "label": inputs.label, "url": inputs.url,
            },
            "actor": inputs.actor,
            "release": {
                "id": inputs.release.id,
                "label": inputs.release.label,
                "commit": inputs.release.commit,
                "artifacts": inputs.release.artifacts,
            },
            "previous_release": previous,
            "stage": { "id": of.stage.id, "attempt": of.attempt, "run_id": of.run },
            "target": of.spot.map(target),
            "targets": self.targets_of(of.stage).iter().map(target).collect::<Vec<_>>(),
            "batch": of.batch,
            "variables": inputs.variables,
            "secrets": inputs.secrets.keys().collect::<Vec<_>>(),
            "config": of.config,
            "outputs": self.progress().outputs,
            "checkpoint": of.checkpoint,
        })
    }

    /// The targets of the stage's rollout, or of the stage itself, or of the environment.
    fn targets_of(&self, stage: &Stage) -> Vec<Spot> {
        match stage.place {
            Place::Server => self.all_spots(),
            Place::Targets { .. } | Place::Rollout { .. } => self.spots(self.inputs.pipeline.groups_of(stage)),
        }
    }
}

/// The context of the undo of a run: that of the run, with its last checkpoint.
pub(super) fn of_undo(run: &Value, undo: StageRunId, checkpoint: Option<Value>) -> Value {
    let mut context = run.clone();
    context["mode"] = json!(RunMode::Undo);
    context["stage"]["run_id"] = json!(undo);
    context["checkpoint"] = json!(checkpoint);
    context
}

fn target(spot: &Spot) -> Value {
    json!({ "name": spot.target, "group": spot.group })
}
