//! The error that every capability answers and every stage returns.

use std::fmt;

/// The result of a stage and of every capability call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The caller's input or configuration is wrong; trying again does not help.
    InvalidInput,
    /// The server does not approve of the call; the hint names the grant that would.
    Denied,
    /// What the call names does not exist.
    NotFound,
    /// The world is not in the state the call needs.
    Conflict,
    /// The other side cannot be reached, or the connection was lost.
    Unreachable,
    /// It took longer than its limit.
    Timeout,
    /// The deployment was canceled.
    Canceled,
    /// The call was performed and did not succeed.
    Failed,
    /// Nobody can tell whether the call was performed.
    OutcomeUnknown,
    /// This plugin, target or server cannot do it.
    Unsupported,
    /// A fault of the server itself.
    Internal,
}

impl ErrorKind {
    /// The kind in kebab-case, as it is written in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid-input",
            Self::Denied => "denied",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Canceled => "canceled",
            Self::Failed => "failed",
            Self::OutcomeUnknown => "outcome-unknown",
            Self::Unsupported => "unsupported",
            Self::Internal => "internal",
        }
    }
}

/// A failure, in a form that a person can act on.
///
/// ```
/// # use windlass_sdk::Error;
/// let error = Error::failed("`bin/migrate` on db-1 exited with 3").code("migration-failed").hint("look at the log of db-1");
/// assert_eq!(error.to_string(), "`bin/migrate` on db-1 exited with 3 (look at the log of db-1)");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What sort of failure it was.
    pub kind: ErrorKind,
    /// A stable word in kebab-case for scripts; the kind's own where nothing finer is said.
    pub code: String,
    /// What failed and where.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// Whether the same stage may succeed later without anyone changing anything.
    pub retryable: bool,
}

impl Error {
    /// An error of this kind, whose code is the kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, code: kind.as_str().to_owned(), message: message.into(), hint: None, retryable: false }
    }

    /// The stage's input or configuration is wrong.
    pub fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    /// What the stage did was performed and did not succeed.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Failed, message)
    }

    /// What the stage needs does not exist.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    /// The world is not in the state the stage needs.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    /// It took longer than its limit.
    pub fn timeout(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Timeout, message)
    }

    /// This plugin or target cannot do it.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, message)
    }

    /// Gives the error a finer code, a word in kebab-case.
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = code.into();
        self
    }

    /// Says what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says that the same stage may succeed later without anyone changing anything.
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// Puts what was being done before the message.
    pub fn context(mut self, doing: impl fmt::Display) -> Self {
        self.message = format!("{doing}: {}", self.message);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// Data that a stage reads (the output of a command, a state value) and that is not what it expects.
impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::failed(format!("unexpected JSON: {error}")).code("bad-json")
    }
}
