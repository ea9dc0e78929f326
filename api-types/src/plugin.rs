//! Plugins as the registry knows them.

use crate::{Failure, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A plugin of the registry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Plugin {
    pub name: String,
    pub version: String,
    pub summary: String,
    /// `sha256:` and 64 hex digits.
    pub digest: String,
    /// Where it came from: `shipped`, or a file of the plugin directory.
    pub source: String,
    /// JSON schemas.
    pub config: Value,
    pub outputs: Value,
    pub undo: bool,
    /// The interfaces it imports.
    pub imports: Vec<String>,
    pub loaded_at: Timestamp,
}

/// A file of the plugin directory that does not serve, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedPlugin {
    pub file: String,
    pub digest: Option<String>,
    pub failure: Failure,
    pub at: Timestamp,
    /// The version that serves in its place, such as `run@1.0.0`.
    pub serving: Option<String>,
}

/// The registry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Plugins {
    pub plugins: Vec<Plugin>,
    pub refused: Vec<RefusedPlugin>,
}
