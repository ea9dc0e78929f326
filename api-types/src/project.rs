//! Projects and their environments.

use crate::deployment::DeploymentSummary;
use crate::{EnvironmentId, ProjectId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A project with its environments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Project {
    pub id: ProjectId,
    pub name: String,
    /// The text of the last `windlass.toml` the server accepted.
    pub config: String,
    pub created_at: Timestamp,
    pub environments: Vec<Environment>,
}

/// Where a project lives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Environment {
    pub id: EnvironmentId,
    pub name: String,
    /// Names of targets by group.
    pub targets: BTreeMap<String, Vec<String>>,
    /// What runs where.
    pub live: Vec<Live>,
    /// The newest deployment.
    pub latest: Option<DeploymentSummary>,
}

/// The release that runs on a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Live {
    /// Absent where the pipeline has no targets.
    pub target: Option<String>,
    pub release: String,
    /// The deployment that put it there, such as `shop#41`.
    pub deployment: String,
    pub since: Timestamp,
    /// What the watches of its stages find; empty where none has `watch = true`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub health: Vec<Health>,
}

/// What the watch of a stage finds of a live release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// The stage whose health check goes on.
    pub stage: String,
    pub healthy: bool,
    pub since: Timestamp,
    /// What was seen when it became so, such as `GET :3000/ → 503`.
    pub reason: String,
}

/// One change of what a watch finds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthChange {
    /// Absent where the server itself looks.
    pub target: Option<String>,
    /// The deployment that is watched, such as `shop#41`.
    pub deployment: String,
    #[serde(flatten)]
    pub health: Health,
}

/// Variables of an environment; they take effect on the next deployment.
pub type Variables = BTreeMap<String, String>;

/// The pinned versions of secrets, by name.
pub type SecretVersions = BTreeMap<String, u64>;

/// A secret, without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretInfo {
    pub name: String,
    /// Grows with each value; deployments pin it.
    pub version: u64,
    /// When this version was set.
    pub created_at: Timestamp,
    /// Who set it.
    pub created_by: String,
}
