//! How a command ends: its exit code, and the error that a person reads.

use crate::client::ClientError;
use std::path::Path;
use windlass_api_types::{DeploymentStatus, ErrorKind, Failure};

/// The exit codes of every command, for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    /// A deployment failed.
    Failed = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// A deployment was canceled.
    Canceled = 3,
    /// The server, or a target that is added or checked, cannot be reached or refuses the credentials.
    Unreachable = 4,
    /// A deployment was interrupted, or following it was stopped before its end.
    Unknown = 5,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<DeploymentStatus> for Exit {
    fn from(status: DeploymentStatus) -> Self {
        match status {
            DeploymentStatus::Succeeded => Self::Done,
            DeploymentStatus::Failed => Self::Failed,
            DeploymentStatus::Canceled => Self::Canceled,
            DeploymentStatus::Queued
            | DeploymentStatus::Running
            | DeploymentStatus::Waiting
            | DeploymentStatus::Interrupted => Self::Unknown,
        }
    }
}

/// Why a command could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error(transparent)]
    Client(#[from] ClientError),
    /// From the engine's side: serving, templates, the engine in process.
    #[error("{}", .0.message)]
    Failure(#[from] Failure),
    /// What was typed, or a file that it names, is wrong.
    #[error("{message}")]
    Usage { message: String, hint: String },
    /// The reader of the output has gone, as in `| head`: the end, and no error to speak of.
    #[error("the output was closed")]
    OutputClosed,
}

impl CliError {
    /// A mistake of the caller's, with what to do instead.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: hint.into() }
    }

    /// A file of the caller's that cannot be used. `action` is what failed, such as `read`.
    pub fn file(action: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::usage(
            format!("cannot {action} {}: {error}", path.display()),
            "check that the path is right and that you have the permission",
        )
    }

    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Client(error) => error.hint(),
            Self::Failure(failure) => failure.hint.clone(),
            Self::Usage { hint, .. } => Some(hint.clone()),
            Self::OutputClosed => None,
        }
    }

    pub fn exit(&self) -> Exit {
        match self {
            Self::Client(error) => client_exit(error),
            Self::Failure(failure) => match failure.kind {
                ErrorKind::InvalidInput | ErrorKind::NotFound | ErrorKind::Conflict | ErrorKind::Unsupported => {
                    Exit::Usage
                }
                ErrorKind::Denied | ErrorKind::Unreachable | ErrorKind::Timeout => Exit::Unreachable,
                ErrorKind::Canceled => Exit::Canceled,
                ErrorKind::OutcomeUnknown => Exit::Unknown,
                ErrorKind::Failed | ErrorKind::Internal => Exit::Failed,
            },
            Self::Usage { .. } => Exit::Usage,
            Self::OutputClosed => Exit::Done,
        }
    }

    /// The same error as a document, for `--json`.
    pub fn failure(&self) -> Failure {
        let (kind, code) = match self {
            Self::Failure(failure) => return failure.clone(),
            Self::Client(error) => (client_kind(error), error.code()),
            Self::Usage { .. } => (ErrorKind::InvalidInput, "usage"),
            Self::OutputClosed => (ErrorKind::Canceled, "output-closed"),
        };
        Failure { kind, code: code.into(), message: self.to_string(), hint: self.hint(), retryable: false }
    }
}

fn client_exit(error: &ClientError) -> Exit {
    match error {
        ClientError::Unreachable { .. } | ClientError::Foreign { .. } | ClientError::Malformed { .. } => {
            Exit::Unreachable
        }
        // Nobody is refused here but the pipeline.
        ClientError::Problem(problem) if problem.code == "not-granted" => Exit::Usage,
        ClientError::Problem(problem) if matches!(problem.status, 401 | 403 | 500..) => Exit::Unreachable,
        ClientError::Problem(_) | ClientError::Upload(_) => Exit::Usage,
    }
}

fn client_kind(error: &ClientError) -> ErrorKind {
    match (error, error.status()) {
        (ClientError::Unreachable { .. }, _) => ErrorKind::Unreachable,
        (_, Some(401 | 403)) => ErrorKind::Denied,
        (_, Some(404)) => ErrorKind::NotFound,
        (_, Some(409)) => ErrorKind::Conflict,
        (_, Some(400..=499)) | (ClientError::Upload(_), _) => ErrorKind::InvalidInput,
        _ => ErrorKind::Internal,
    }
}
