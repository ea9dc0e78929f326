//! What can go wrong between the client and a server.

use windlass_api_types::Problem;

/// A failed call. [`ClientError::hint`] says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No connection, or it was lost.
    #[error("cannot reach the server at {place}: {reason}")]
    Unreachable { place: String, reason: String },
    /// The server refused, with its reason.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// An error status without a problem document: something else answered, a proxy perhaps.
    #[error("{place} answered {status}{}", quoted(.body))]
    Foreign { place: String, status: u16, body: String },
    /// An answer of another shape than this version knows.
    #[error("the answer of {place} cannot be read: {reason}")]
    Malformed { place: String, reason: String },
    /// What was to be uploaded could not be read.
    #[error("{0}")]
    Upload(String),
}

impl ClientError {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreachable { .. } => Some("check that the server runs and that its address is right".into()),
            Self::Problem(problem) if problem.status == 401 => {
                Some(problem.hint.clone().unwrap_or_else(|| "sign in again: windlass login URL".into()))
            }
            Self::Problem(problem) => problem.hint.clone(),
            Self::Foreign { .. } => Some("check that the address is that of a Windlass server".into()),
            Self::Malformed { .. } => Some("use the same version of windlass here and on the server".into()),
            Self::Upload(_) => None,
        }
    }

    /// The HTTP status, where there was an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Problem(problem) => Some(problem.status),
            Self::Foreign { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// A stable word in kebab-case for scripts.
    pub fn code(&self) -> &str {
        match self {
            Self::Unreachable { .. } => "server-unreachable",
            Self::Problem(problem) => &problem.code,
            Self::Foreign { .. } => "not-windlass",
            Self::Malformed { .. } => "answer-malformed",
            Self::Upload(_) => "upload-failed",
        }
    }

    /// Whether the same call may succeed in a moment: the server restarts, or is behind something that does.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Problem(_) | Self::Foreign { .. } => self.status().is_some_and(|status| status >= 500),
            Self::Malformed { .. } | Self::Upload(_) => false,
        }
    }
}

fn quoted(body: &str) -> String {
    if body.is_empty() { String::new() } else { format!(": {body}") }
}
