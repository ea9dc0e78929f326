//! One execution of a pipeline: everything its stage runs share, and what has become of them so far.
//! A deployment and its plan are the same execution with different records.

use super::past::Past;
use super::pipeline::{Outputs, Pipeline, Scope, Stage};
use super::record::Record;
use super::retry::Standing;
use super::stop::Stop;
use crate::capability::World;
use crate::event::AppendError;
use crate::plugin::{Component, Runtime};
use crate::store::StoreError;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use windlass_api_types::{
    DeploymentId, DeploymentKind, FailedBy, Failure, StageRunId, deployment::Release, project::SecretVersions,
    project::Variables,
};

/// What a deployment runs with. Pinned when it was created, the variables of a rollback aside.
pub(super) struct Inputs {
    pub(super) id: DeploymentId,
    pub(super) number: u64,
    /// Such as `shop#41`.
    pub(super) label: String,
    pub(super) url: Option<String>,
    pub(super) kind: DeploymentKind,
    pub(super) actor: String,
    pub(super) pipeline: Pipeline,
    /// Only these targets; empty: all.
    pub(super) only: Vec<String>,
    pub(super) release: Release,
    pub(super) variables: Variables,
    /// The pinned versions of secrets.
    pub(super) secrets: Arc<SecretVersions>,
    /// Labels of what was live before, by target; an empty name is the server.
    pub(super) live: BTreeMap<String, String>,
    /// What an earlier deployment did for this one.
    pub(super) standing: Standing,
}

/// An execution under way.
pub(super) struct Execution {
    pub(super) inputs: Inputs,
    /// The pinned plugins, by digest.
    pub(super) components: BTreeMap<String, Arc<Component>>,
    /// What the effects of a plugin work with, by plugin name.
    pub(super) worlds: BTreeMap<String, Arc<World>>,
    pub(super) runtime: Runtime,
    pub(super) record: Record,
    pub(super) stop: Stop,
    /// What an earlier process has done of it.
    pub(super) past: Past,
    progress: Mutex<Progress>,
}

/// What has happened so far.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) outputs: Outputs,
    /// Every stage run that started, in order: what an undo walks back.
    pub(super) started: Vec<StartedRun>,
    /// Targets on which the pivot has started; an empty name is the server.
    pub(super) pivoted: BTreeSet<String>,
    /// Targets on which the release went live.
    pub(super) activated: BTreeSet<String>,
    pub(super) undone: BTreeSet<String>,
    /// Stages that changed something and cannot be undone, by target.
    pub(super) left: BTreeMap<String, Vec<String>>,
    /// Targets on which something started that is not to be undone.
    pub(super) kept: BTreeSet<String>,
    /// Stages that a person was asked about.
    pub(super) asked: BTreeSet<String>,
    /// Undos that did not succeed, a sentence each, with their targets.
    pub(super) undo_failures: Vec<(String, String)>,
    /// The failure that decides the deployment: the first.
    pub(super) failure: Option<StageFailure>,
}

/// A stage run that started: the last of its stage on its target.
#[derive(Clone)]
pub(super) struct StartedRun {
    pub(super) run: StageRunId,
    pub(super) stage: usize,
    pub(super) spot: Option<Spot>,
    /// The context document it was given.
    pub(super) context: Value,
    /// What an earlier attempt had stored.
    pub(super) checkpoint: Option<Value>,
}

/// A target, and the group through which it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) target: String,
    pub(super) group: String,
}

/// Why a stage failed.
#[derive(Clone, Debug)]
pub(super) struct StageFailure {
    pub(super) stage: String,
    pub(super) failure: Failure,
    pub(super) failed_by: FailedBy,
}

/// Why an execution goes no further here, although its deployment has not ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Halted {
    #[error("the deployment's record can no longer be written: {0}")]
    Record(#[from] AppendError),
    #[error("the deployment's record cannot be read: {0}")]
    Reading(#[from] StoreError),
    /// Another process, or the next start of this one, goes on with it.
    #[error("the deployment was handed over")]
    HandedOver,
}

impl Execution {
    pub(super) fn new(
        inputs: Inputs,
        components: BTreeMap<String, Arc<Component>>,
        worlds: BTreeMap<String, Arc<World>>,
        runtime: Runtime,
        record: Record,
        stop: Stop,
        past: Past,
    ) -> Self {
        Self { inputs, components, worlds, runtime, record, stop, past, progress: Mutex::default() }
    }

    pub(super) fn stage(&self, index: usize) -> &Stage {
        &self.inputs.pipeline.stages[index]
    }

    /// The pinned plugin of a stage.
    pub(super) fn component(&self, stage: &Stage) -> Result<&Arc<Component>, Failure> {
        self.components.get(&stage.uses.digest).ok_or_else(|| {
            Failure::new(
                windlass_api_types::ErrorKind::NotFound,
                "plugin-gone",
                format!("the plugin {} ({}) is no longer on this server", stage.uses, stage.uses.digest),
            )
            .hint("put it back into the plugin directory, or deploy again with what is there now")
        })
    }

    /// What the names in a stage's config stand for.
    pub(super) fn scope(&self, spot: Option<&Spot>) -> Scope {
        let inputs = &self.inputs;
        let mut scope = inputs.pipeline.scope();
        scope
            .set(
                "deployment",
                json!({
                    "id": inputs.id, "number": inputs.number, "label": inputs.label, "url": inputs.url,
                }),
            )
            .set("release", json!({ "id": inputs.release.id, "label": inputs.release.label }))
            .set("commit", json!(inputs.release.commit))
            .set("variables", json!(inputs.variables))
            .set_outputs(self.progress().outputs.clone());
        if let Some(spot) = spot {
            scope.set_target(&spot.target, &spot.group);
        }
        scope
    }

    pub(super) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The targets of some groups that this deployment is for.
    pub(super) fn spots(&self, groups: &[String]) -> Vec<Spot> {
        let only = &self.inputs.only;
        self.inputs
            .pipeline
            .targets_of(groups)
            .into_iter()
            .filter(|(target, _)| only.is_empty() || only.iter().any(|name| name == target))
            .map(|(target, group)| Spot { target: target.into(), group: group.into() })
            .collect()
    }

    /// Every target of the environment that this deployment is for.
    pub(super) fn all_spots(&self) -> Vec<Spot> {
        let groups: Vec<String> = self.inputs.pipeline.groups.keys().cloned().collect();
        self.spots(&groups)
    }
}

impl Progress {
    /// What has started stays as it is: it is not to be undone.
    pub(super) fn leave_rest(&mut self) {
        let left = self.started.drain(..).filter_map(|run| Some(run.spot?.target));
        self.kept.extend(left);
    }

    /// Remembers a run for the undo; a later attempt takes the place of an earlier one.
    pub(super) fn start(&mut self, run: StartedRun) {
        self.started.retain(|earlier| (earlier.stage, &earlier.spot) != (run.stage, &run.spot));
        self.started.push(run);
    }
}
