//! The resolved pipeline: the document that a pipeline revision stores, never changed afterwards.

use super::duration::milliseconds;
use super::reference::{Version, Wanted};
use super::scope::Scope;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// A project's pipeline for one environment: nothing in it is left to be looked up but values that a
/// deployment brings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pipeline {
    pub project: String,
    pub environment: String,
    pub domain: Option<String>,
    /// The template it came from, such as `process@1.0.0`; absent where all stages are the project's own.
    pub template: Option<String>,
    /// The options with their defaults; texts may hold names.
    pub options: Value,
    /// Names of targets by group.
    pub groups: BTreeMap<String, Vec<String>>,
    /// In the order in which they run.
    pub stages: Vec<Stage>,
    pub rollouts: BTreeMap<String, Rollout>,
    /// What becomes of those that wait when a later one comes.
    #[serde(default, skip_serializing_if = "Queue::is_fifo")]
    pub queue: Queue,
    /// Bounds the whole deployment. Milliseconds in JSON.
    #[serde(with = "milliseconds")]
    pub timeout: Option<Duration>,
    /// A person approves before its first stage, within this time. Milliseconds in JSON.
    #[serde(default, with = "milliseconds", skip_serializing_if = "Option::is_none")]
    pub approval: Option<Duration>,
}

/// What becomes of deployments that wait for their turn when a later one of the environment comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// Each has its turn.
    #[default]
    Fifo,
    /// They end: only the newest is wanted. What runs goes on.
    Supersede,
}

impl Queue {
    fn is_fifo(&self) -> bool {
        *self == Self::Fifo
    }
}

/// One entry of a pipeline: a plugin with its config.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    pub id: String,
    /// The part of the deployment it belongs to, such as `deploying`.
    pub phase: Option<String>,
    pub uses: PluginPin,
    /// The plugin's config, an object; texts may hold names, see [`super::interpolate()`].
    pub with: Value,
    pub place: Place,
    /// Only on the first of its targets.
    pub one_target: bool,
    /// Bounds one attempt. Milliseconds in JSON.
    #[serde(with = "milliseconds")]
    pub timeout: Option<Duration>,
    /// How often it is tried again after an error that says it is retryable.
    pub retries: u32,
    pub on_failure: OnFailure,
    pub undo: UndoPolicy,
    /// It is skipped where one of these does not hold.
    pub when: Vec<Condition>,
    /// It runs even after a failure or a cancel.
    pub always: bool,
    /// From its start on nothing is undone.
    pub pivot: bool,
    /// Its health check goes on for what is live.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub watch: bool,
    /// A person approves before it, within this time. Milliseconds in JSON.
    #[serde(default, with = "milliseconds", skip_serializing_if = "Option::is_none")]
    pub approval: Option<Duration>,
}

/// The plugin of a stage, pinned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginPin {
    pub name: String,
    pub version: String,
    /// `sha256:` and 64 hex digits.
    pub digest: String,
}

impl fmt::Display for PluginPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

/// Where a stage runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Once, on the server.
    Server,
    /// On all targets of these groups, side by side.
    Targets { groups: Vec<String> },
    /// On the targets of a rollout, batch by batch.
    Rollout { name: String },
}

/// A group of stages that passes over targets in batches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollout {
    /// Names of target groups.
    pub targets: Vec<String>,
    /// Sizes of successive batches; the last repeats. Never empty.
    pub batch: Vec<BatchSize>,
    pub revert: Revert,
}

/// How many targets a batch has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchSize {
    /// At least 1.
    Count(u32),
    /// Of all targets of the rollout, rounded up; 1 to 100.
    Percent(u8),
}

/// What a failure in a rollout undoes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revert {
    /// The batch in which it failed.
    Batch,
    /// Every batch so far.
    All,
    None,
}

/// What the failure of a stage means for the deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    Fail,
    Warn,
}

/// Whether a stage is undone after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UndoPolicy {
    Auto,
    /// A person is asked first.
    Ask,
    Never,
}

/// One equality of a `when`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// A dotted name, such as `environment.name`.
    pub name: String,
    /// A text, a number or a boolean; or a list of these, of which it is one.
    pub equals: Value,
}

/// The templates there are.
pub trait Templates {
    /// The text of the newest version that will do.
    fn get(&self, name: &str, wanted: Wanted) -> Option<&str>;
    fn names(&self) -> Vec<String>;
}

/// The plugins there are.
pub trait Plugins {
    /// The newest version that will do; [`Wanted::pick`] finds it.
    fn find(&self, name: &str, wanted: Wanted) -> Option<PluginInfo>;
    fn names(&self) -> Vec<String>;
}

/// What a pipeline has to know of a plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct PluginInfo {
    pub name: String,
    pub version: Version,
    /// `sha256:` and 64 hex digits.
    pub digest: String,
    /// JSON schema of its config.
    pub config_schema: Value,
    /// JSON schema of its outputs.
    pub outputs_schema: Value,
    /// Whether it can undo what it did.
    pub undo: bool,
    /// Whether it can check health.
    pub health: bool,
}

impl Pipeline {
    /// The names whose values are the pipeline's own: `options project domain environment`. The engine
    /// adds `deployment release commit variables`, and a target and outputs for each stage run.
    pub fn scope(&self) -> Scope {
        let mut scope = Scope::default();
        scope
            .set("options", self.options.clone())
            .set("project", json!(self.project))
            .set("domain", json!(self.domain))
            .set("environment", json!({ "name": self.environment }));
        scope
    }

    /// The targets of some groups, in the order of the groups, each once; with the first group it is in.
    pub fn targets_of<'a>(&'a self, groups: &'a [String]) -> Vec<(&'a str, &'a str)> {
        let mut targets: Vec<(&str, &str)> = Vec::new();
        for group in groups {
            for target in self.groups.get(group).into_iter().flatten() {
                if !targets.iter().any(|(known, _)| known == target) {
                    targets.push((target, group));
                }
            }
        }
        targets
    }

    /// The groups a stage is for; none: it runs on the server.
    pub fn groups_of<'a>(&'a self, stage: &'a Stage) -> &'a [String] {
        match &stage.place {
            Place::Server => &[],
            Place::Targets { groups } => groups,
            Place::Rollout { name } => self.rollouts.get(name).map_or(&[], |rollout| &rollout.targets),
        }
    }
}
