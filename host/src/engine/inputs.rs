//! What a deployment pins when it is created, as its row keeps it.

use serde::{Deserialize, Serialize};
use windlass_api_types::project::Variables;

/// The `inputs` of a deployment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct PinnedInputs {
    pub(super) variables: Variables,
    /// Only these targets; empty: all.
    #[serde(default)]
    pub(super) only: Vec<String>,
}
