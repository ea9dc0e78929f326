//! What an app writes after its deployment: the log of its container or process.

use crate::Failure;
use serde::{Deserialize, Serialize};

/// A line of an app's log, or why it cannot be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AppLogLine {
    pub target: String,
    /// The container's name, or the path of the log file on the target.
    pub source: String,
    /// RFC 3339; absent where the log does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Whether it came from standard error; a log file does not say.
    #[serde(default)]
    pub stderr: bool,
    pub text: String,
    /// Present where the log cannot be read, or no further; there is no text then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}
