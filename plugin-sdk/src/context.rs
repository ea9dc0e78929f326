//! What a stage is told: the document `context`, version 1. This file is its reference.
//!
//! The host writes it as JSON; fields that a plugin does not know are ignored, so that it may grow.

use crate::{Error, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a stage knows about the deployment it is part of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Context {
    /// The version of this document: 1.
    pub context: u32,
    /// Whether the stage runs or is undone.
    pub mode: Mode,
    /// Why there is a deployment.
    pub kind: DeploymentKind,
    /// The name of the project.
    pub project: String,
    /// The name of the environment.
    pub environment: String,
    /// The deployment.
    pub deployment: Deployment,
    /// Who asked for it: a user name, or the name of a token or a hook.
    pub actor: String,
    /// What is delivered.
    pub release: Release,
    /// What is live here before: on this target, or in the environment where the stage has no target.
    #[serde(default)]
    pub previous_release: Option<PreviousRelease>,
    /// The run of the stage itself.
    pub stage: StageRun,
    /// The machine that is acted upon; absent where the stage runs once, on the server.
    #[serde(default)]
    pub target: Option<Target>,
    /// The targets of the stage's rollout, or of the stage itself; for a stage without targets, all of
    /// the environment's.
    #[serde(default)]
    pub targets: Vec<Target>,
    /// The names of the targets of this batch of the rollout; absent outside a rollout.
    #[serde(default)]
    pub batch: Option<Vec<String>>,
    /// The environment's readable variables.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// The names of the environment's secrets. Their values are used by naming them in a
    /// [`Text`](crate::Text).
    #[serde(default)]
    pub secrets: Vec<String>,
    /// The stage's `with`, interpolated. [`Stage::run`](crate::Stage::run) is given it typed.
    #[serde(default)]
    pub config: Value,
    /// What earlier stages answered: by stage id, then by target name (`""` for a stage without one).
    /// See [`Context::output`].
    #[serde(default)]
    pub outputs: BTreeMap<String, BTreeMap<String, Value>>,
    /// What the stage last stored with [`control::checkpoint`](crate::control::checkpoint), in this
    /// attempt or an earlier one. See [`Context::checkpoint`].
    #[serde(default)]
    pub checkpoint: Option<Value>,
}

/// Whether the stage runs or is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The stage runs.
    Run,
    /// What a run did is compensated.
    Undo,
}

/// Why there is a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeploymentKind {
    /// A release is put on the environment.
    Deploy,
    /// An earlier deployment is done again with the same inputs.
    Retry,
    /// An older release is put back, with the variables and secrets of today.
    Rollback,
    /// A kind that this version of the SDK does not know.
    #[serde(other)]
    Other,
}

/// The deployment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Deployment {
    /// Its id, a UUID.
    pub id: String,
    /// Its number within the project.
    pub number: u64,
    /// Its name, such as `shop#41`.
    pub label: String,
    /// Its page in the web UI; absent where no server runs.
    #[serde(default)]
    pub url: Option<String>,
}

/// What is delivered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Release {
    /// Its id, a UUID.
    pub id: String,
    /// Its label, a timestamp such as `20260305-143022`; unique in the project and safe in a path.
    pub label: String,
    /// The commit it was made from, where there is one.
    #[serde(default)]
    pub commit: Option<Commit>,
    /// What it carries, sorted by name.
    #[serde(default)]
    pub artifacts: Vec<Artifact>,
}

/// A commit of the project's repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Commit {
    /// The full hash.
    pub sha: String,
    /// The branch or tag, where it is known.
    #[serde(default)]
    pub branch: Option<String>,
    /// The message's first line.
    #[serde(default)]
    pub message: Option<String>,
    /// The author, `Name <address>`.
    #[serde(default)]
    pub author: Option<String>,
}

/// Something that a release carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// The name the project gave it; `app` where it has only one.
    pub name: String,
    /// `sha256:` and 64 hex digits.
    pub digest: String,
    /// Bytes.
    pub size: u64,
}

/// The release that is live before this deployment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PreviousRelease {
    /// Its id, a UUID.
    #[serde(default)]
    pub id: Option<String>,
    /// Its label.
    pub label: String,
}

/// The run of the stage itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StageRun {
    /// The stage's id in the pipeline.
    pub id: String,
    /// 1, and one more for each retry.
    pub attempt: u32,
    /// The id of this run, a UUID: its own for each stage, target, attempt, run or undo.
    pub run_id: String,
}

/// A machine that is acted upon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its name, such as `web-1`: what capabilities are given.
    pub name: String,
    /// The group of the environment it is used through, such as `web`.
    pub group: String,
}

impl Context {
    /// The name of this stage's target.
    ///
    /// # Errors
    /// `invalid-input`, which says what to add to the stage, where it has none.
    pub fn target(&self) -> Result<&str> {
        self.target.as_ref().map(|target| target.name.as_str()).ok_or_else(|| {
            Error::invalid_input(format!("the stage `{}` acts on a target, and has none", self.stage.id))
                .code("no-target")
                .hint("add `targets = \"<group>\"` or `rollout = \"<rollout>\"` to the stage")
        })
    }

    /// What an earlier stage answered: on this target, or else from its only run.
    ///
    /// # Errors
    /// `not-found` where the stage answered nothing, or on several other targets; `failed` where the
    /// outputs are not a `T`.
    pub fn output<T: DeserializeOwned>(&self, stage: &str) -> Result<T> {
        let runs = self.outputs.get(stage);
        let here = self.target.as_ref().and_then(|target| runs?.get(&target.name));
        let only = || runs.filter(|runs| runs.len() == 1).and_then(|runs| runs.values().next());
        let outputs = here.or_else(only).ok_or_else(|| {
            Error::not_found(format!("the stage `{stage}` has no outputs for the stage `{}`", self.stage.id))
        })?;
        Ok(serde_json::from_value(outputs.clone())?)
    }

    /// What the stage last stored with [`control::checkpoint`](crate::control::checkpoint).
    ///
    /// # Errors
    /// `failed` where it is not a `T`.
    pub fn checkpoint<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        let read = |checkpoint: &Value| serde_json::from_value(checkpoint.clone());
        Ok(self.checkpoint.as_ref().map(read).transpose()?)
    }

    /// The artifact of the release with this name.
    ///
    /// # Errors
    /// `not-found`, with the names that there are.
    pub fn artifact(&self, name: &str) -> Result<&Artifact> {
        self.release.artifacts.iter().find(|artifact| artifact.name == name).ok_or_else(|| {
            let names: Vec<_> = self.release.artifacts.iter().map(|artifact| artifact.name.as_str()).collect();
            Error::not_found(format!("release {} has no artifact `{name}`", self.release.label))
                .code("no-artifact")
                .hint(if names.is_empty() {
                    "give what is to be deployed: `windlass deploy ./path`".to_owned()
                } else {
                    format!("it carries: {}", names.join(", "))
                })
        })
    }
}

#[cfg(test)]
mod tests;
