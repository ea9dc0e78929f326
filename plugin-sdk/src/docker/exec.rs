//! Commands in containers.

use super::{ExecOutput, Reply, Request, millis};
use crate::log::Level;
use crate::{Result, Text, host};
use std::time::Duration;

/// How a command may be repeated when its outcome is unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Repeat {
    /// It is not; a person resolves the stage.
    #[default]
    Once,
    /// Running it again does no harm.
    Idempotent,
    /// It only reads; a dry run performs it too.
    Reads,
}

/// A command, as the host gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecRequest {
    /// The name of a target of this environment.
    pub target: String,
    /// Its name or id.
    pub container: String,
    /// A program of the image and its arguments.
    pub argv: Vec<String>,
    /// Environment variables.
    pub env: Vec<(String, Text)>,
    /// Absent: the container's.
    pub user: Option<String>,
    /// Absent: the container's.
    pub cwd: Option<String>,
    /// Milliseconds.
    pub timeout_ms: Option<u64>,
    /// The level at which its output goes to the log.
    pub tee: Option<Level>,
    /// How many bytes of the end of each stream are answered.
    pub capture_bytes: u32,
    /// How it may be repeated.
    pub repeat: Repeat,
}

/// A command that is being put together; [`run`](Exec::run) runs it.
#[derive(Debug, Clone)]
#[must_use = "a command does nothing until `run` is called"]
pub struct Exec(ExecRequest);

/// A command in a running container.
pub fn exec<S: Into<String>>(
    target: impl Into<String>,
    container: impl Into<String>,
    argv: impl IntoIterator<Item = S>,
) -> Exec {
    Exec(ExecRequest {
        target: target.into(),
        container: container.into(),
        argv: argv.into_iter().map(Into::into).collect(),
        env: Vec::new(),
        user: None,
        cwd: None,
        timeout_ms: None,
        tee: None,
        capture_bytes: 64 * 1024,
        repeat: Repeat::Once,
    })
}

impl Exec {
    /// An environment variable.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<Text>) -> Self {
        self.0.env.push((name.into(), value.into()));
        self
    }

    /// `user` or `user:group`.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.0.user = Some(user.into());
        self
    }

    /// The working directory.
    pub fn cwd(mut self, directory: impl Into<String>) -> Self {
        self.0.cwd = Some(directory.into());
        self
    }

    /// How long it is waited for. The engine cannot end it.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.0.timeout_ms = Some(millis(timeout));
        self
    }

    /// Writes its output to the log.
    pub fn tee(mut self, level: Level) -> Self {
        self.0.tee = Some(level);
        self
    }

    /// Running it again does no harm.
    pub fn idempotent(mut self) -> Self {
        self.0.repeat = Repeat::Idempotent;
        self
    }

    /// It only reads.
    pub fn reads(mut self) -> Self {
        self.0.repeat = Repeat::Reads;
        self
    }

    /// Runs it and waits for its end. Another status than 0 is an answer.
    ///
    /// # Errors
    /// `not-found` (`no-such-container`), `conflict` (`container-not-running`), `timeout`.
    pub fn run(self) -> Result<ExecOutput> {
        host::docker(Request::Exec(self.0)).map(Reply::output)
    }
}
