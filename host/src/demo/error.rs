//! Why the demo cannot go on, and what to do about it.

use std::io;
use std::path::PathBuf;

use windlass_api_types::{ErrorKind, Failure};

use super::key::KeyError;
use super::target::TargetError;
use crate::client::ClientError;

/// What failed, and where.
#[derive(Debug, thiserror::Error)]
pub(super) enum DemoError {
    #[error("there is no home directory for the demo's data")]
    NoHome,
    #[error("{} has data in it that is no demo's", .0.display())]
    ForeignDirectory(PathBuf),
    #[error("the demo already runs in {}", .0.display())]
    AlreadyRuns(PathBuf),
    #[error("cannot {action} {}: {source}", path.display())]
    File { action: &'static str, path: PathBuf, source: io::Error },
    #[error("this program has no example app in it")]
    NoApp,
    #[error("the example app's windlass.toml cannot be used: {0}")]
    AppConfig(String),
    #[error("the demo's {process} cannot listen on {address}: {source}")]
    Listen { process: &'static str, address: String, source: io::Error },
    #[error("the demo's {process} did not start: {reason}{}", quoted(said))]
    NotStarted { process: &'static str, reason: String, said: String, log: PathBuf },
    #[error("{0}")]
    Key(#[from] KeyError),
    #[error("{0}")]
    Target(#[from] TargetError),
    #[error("the server cannot work on the demo's target: {}", .0.message)]
    TargetCheck(Failure),
    #[error("{0}")]
    Client(#[from] ClientError),
    #[error("{label} {outcome}{}", quoted(reason))]
    Deployment { label: String, outcome: String, reason: String, page: String },
    #[error("the app does not answer at {url} as it should: {found}")]
    Answer { url: String, found: String, logs: PathBuf },
    #[error("the demo was stopped before it had shown that it works")]
    Stopped,
}

impl DemoError {
    pub(super) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }

    /// What to do next.
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::NoHome => Some("set HOME, or pass --data-dir DIR".into()),
            Self::ForeignDirectory(_) => {
                Some("pass --data-dir with a new directory; WINDLASS_DATA_DIR counts as --data-dir too".into())
            }
            Self::AlreadyRuns(_) => {
                Some("use the one that runs, end it with Ctrl-C, or pass another --data-dir".into())
            }
            Self::File { path, .. } => Some(format!("check the permissions of {} and the space there", path.display())),
            Self::NoApp => Some("build with `cargo xtask build`, or run `cargo xtask demo`, which does".into()),
            Self::AppConfig(_) => Some("mend examples/hello/windlass.toml and build again".into()),
            Self::Listen { .. } => Some("end what listens there, or pass another --listen".into()),
            Self::NotStarted { log, .. } => Some(format!("read {}", log.display())),
            Self::Key(error) => Some(format!("remove {}: a new one is made", error.path.display())),
            Self::Target(_) | Self::Stopped => None,
            Self::TargetCheck(failure) => failure.hint.clone(),
            Self::Client(error) => error.hint(),
            Self::Deployment { page, .. } => Some(format!("its record: {page}")),
            Self::Answer { logs, .. } => Some(format!("read the app's log in {}", logs.display())),
        }
    }

    fn kind(&self) -> (ErrorKind, &'static str) {
        match self {
            Self::NoHome => (ErrorKind::InvalidInput, "no-home"),
            Self::ForeignDirectory(_) => (ErrorKind::Conflict, "foreign-directory"),
            Self::AlreadyRuns(_) => (ErrorKind::Conflict, "already-runs"),
            Self::File { .. } => (ErrorKind::Failed, "file"),
            Self::NoApp => (ErrorKind::NotFound, "no-app"),
            Self::AppConfig(_) => (ErrorKind::InvalidInput, "app-config"),
            Self::Listen { .. } => (ErrorKind::Conflict, "address-taken"),
            Self::NotStarted { .. } => (ErrorKind::Failed, "not-started"),
            Self::Key(_) => (ErrorKind::Failed, "key"),
            Self::Target(_) => (ErrorKind::Failed, "target"),
            Self::TargetCheck(_) => (ErrorKind::Failed, "target-check"),
            Self::Client(error) => match error.status() {
                Some(_) => (ErrorKind::Failed, "refused"),
                None => (ErrorKind::Unreachable, "unreachable"),
            },
            Self::Deployment { .. } => (ErrorKind::Failed, "deployment"),
            Self::Answer { .. } => (ErrorKind::Failed, "no-answer"),
            Self::Stopped => (ErrorKind::Canceled, "stopped"),
        }
    }
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        let (kind, code) = error.kind();
        let failure = Self::new(kind, code, error.to_string());
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// More lines of a message, where there are any.
fn quoted(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("\n{text}") }
}
