//! What a deployment pins when it is created, as its row keeps it.

use serde::{Deserialize, Serialize};
use windlass_api_types::DeploymentId;
use windlass_api_types::project::{SecretVersions, Variables};

/// The `inputs` of a deployment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct PinnedInputs {
    pub(super) variables: Variables,
    #[serde(default)]
    pub(super) secrets: SecretVersions,
    /// Only these targets; empty: all.
    #[serde(default)]
    pub(super) only: Vec<String>,
    /// What this earlier deployment did, and nobody has undone, is not done again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) standing: Option<DeploymentId>,
}
