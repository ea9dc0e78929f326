//! A pipeline as `windlass pipeline show` and the UI present it.

use crate::{PipelineRevisionId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An immutable revision of a project's pipeline for one environment, resolved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PipelineRevision {
    pub id: PipelineRevisionId,
    /// Counts within the project, from 1.
    pub number: u64,
    pub created_at: Timestamp,
    /// The template it came from, such as `process@1.0.0`.
    pub template: Option<String>,
    /// The resolved pipeline document: stages in order, rollouts, options.
    pub definition: Value,
}
