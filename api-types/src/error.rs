//! Failures, as plugins, events and the API carry them.

use serde::{Deserialize, Serialize};

/// What sort of failure it was; the same words as `windlass:types`' `error-kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    InvalidInput,
    Denied,
    NotFound,
    Conflict,
    Unreachable,
    Timeout,
    Canceled,
    Failed,
    OutcomeUnknown,
    Unsupported,
    Internal,
}

/// A failure of an effect or of a stage run, in a form that a person can act on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Failure {
    pub kind: ErrorKind,
    /// A stable word in kebab-case for scripts, such as `host-key-changed`.
    pub code: String,
    /// What failed and where, one sentence.
    pub message: String,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Whether the same call may succeed later without anyone changing anything.
    #[serde(default)]
    pub retryable: bool,
}

impl Failure {
    /// A failure that no retry mends.
    pub fn new(kind: ErrorKind, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind, code: code.into(), message: message.into(), hint: None, retryable: false }
    }

    /// Says what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says that the same call may succeed later.
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// The message for where the target stands beside it already.
    pub fn message_on(&self, target: Option<&str>) -> &str {
        let named = target.and_then(|target| self.message.strip_prefix(target)?.strip_prefix(": "));
        named.unwrap_or(&self.message)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// An error answer of the API: a problem document by RFC 9457, with a `hint` and a stable `code`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `about:blank`: the code says what it is.
    #[serde(rename = "type", default = "about_blank")]
    pub type_: String,
    /// The HTTP status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What failed and where.
    pub detail: String,
    /// A stable word in kebab-case for scripts.
    pub code: String,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Finds the server's log lines about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
}

fn about_blank() -> String {
    "about:blank".into()
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Problem {}
