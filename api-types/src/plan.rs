//! The plan of a deployment: what it would do, in order.

use crate::grant::Grant;
use crate::{Failure, RepeatPolicy};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a deployment would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Plan {
    pub project: String,
    pub environment: String,
    pub release: String,
    pub runs: Vec<PlannedRun>,
    /// What the pipeline asks for and the environment does not grant: it would not start.
    #[serde(default)]
    pub missing: Vec<Grant>,
    /// Absent where every stage went through.
    pub failure: Option<Failure>,
}

/// One stage run of a plan, or a stage that would be skipped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlannedRun {
    pub stage: String,
    pub target: Option<String>,
    pub plugin: Option<String>,
    pub skipped: Option<String>,
    pub effects: Vec<PlannedEffect>,
    pub outputs: Option<Value>,
    pub failure: Option<Failure>,
}

/// One effect of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlannedEffect {
    pub position: u64,
    /// Interface and function, such as `ssh-exec.exec`.
    pub function: String,
    pub policy: RepeatPolicy,
    /// One line for people.
    pub summary: String,
    pub arguments: Value,
    /// Whether it was performed, because it only reads; else its answer is invented.
    pub performed: bool,
    /// Whether an invented answer came before it, so that the real run may differ.
    pub simulated: bool,
}
