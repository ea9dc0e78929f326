//! Deployments and releases, as the API shows and takes them.

use crate::lifecycle::{self, Phase};
use crate::{
    DeploymentId, DeploymentKind, DeploymentState, DeploymentStatus, FailedBy, Failure, Lifecycle, PipelineRevisionId,
    ReleaseId, Resolution, Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A deployment in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeploymentSummary {
    pub id: DeploymentId,
    /// Counts within the project, from 1.
    pub number: u64,
    /// Such as `shop#41`.
    pub label: String,
    pub project: String,
    pub environment: String,
    pub reason: DeploymentKind,
    pub status: DeploymentStatus,
    pub actor: String,
    /// The release's label.
    pub release: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub failed_stage: Option<String>,
    pub failed_by: Option<FailedBy>,
    pub failure: Option<Failure>,
    /// The `seq` of its last event.
    pub last_seq: u64,
    /// The name of the server that runs it; absent where there is one server, and where it does not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

/// A deployment with all that its events say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deployment {
    #[serde(flatten)]
    pub summary: DeploymentSummary,
    /// How far it is with its release.
    pub lifecycle: Lifecycle,
    /// When its phases began and ended.
    pub phases: Vec<Phase>,
    pub state: DeploymentState,
}

impl Deployment {
    /// With what follows from the state. `live`: its release is what runs on one of its targets at least.
    pub fn new(summary: DeploymentSummary, state: DeploymentState, live: bool) -> Self {
        Self { summary, lifecycle: lifecycle::lifecycle(&state, live), phases: lifecycle::phases(&state), state }
    }
}

/// A page of deployments, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeploymentPage {
    pub deployments: Vec<DeploymentSummary>,
    /// Pass it as `before` for the next page; absent on the last.
    pub next: Option<DeploymentId>,
}

/// Asks for a deployment, or for its plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateDeployment {
    /// The text of the project's `windlass.toml`.
    pub config: String,
    /// The environment's name.
    pub environment: String,
    /// Digests of uploaded artifacts by name; the only one is called `app`.
    #[serde(default)]
    pub artifacts: BTreeMap<String, String>,
    /// The label of an existing release to put there instead of a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Only these targets; empty: all.
    #[serde(default)]
    pub only: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
}

/// Asks for a rollback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateRollback {
    pub project: String,
    pub environment: String,
    /// The release's label; absent: the one that was live before the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
}

/// Asks for a retry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateRetry {
    /// What the deployment did and nobody has undone is not done again.
    #[serde(default)]
    pub from_failed: bool,
}

/// Says what became of an effect whose outcome is not known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResolveEffect {
    pub resolution: Resolution,
    /// Absent: the only stage that is interrupted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Absent: the only target on which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// Where the delivered source came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Commit {
    /// The full hash.
    pub sha: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The first line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
}

/// What is delivered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Release {
    pub id: ReleaseId,
    /// A unique timestamp within the project, such as `20260305-143022`.
    pub label: String,
    pub artifacts: Vec<Artifact>,
    pub pipeline_revision: PipelineRevisionId,
    /// Digests of the plugins it was made with, by `name@version`.
    pub plugins: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    pub created_at: Timestamp,
}

/// A blob that a release carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Artifact {
    pub name: String,
    /// `sha256:` and 64 hex digits.
    pub digest: String,
    /// Bytes.
    pub size: u64,
}

/// A stored blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoredBlob {
    /// `sha256:` and 64 hex digits.
    pub digest: String,
    /// Bytes.
    pub size: u64,
}
