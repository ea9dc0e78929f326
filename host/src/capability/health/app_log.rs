//! What the app itself has to say while it is probed, and when it was found unhealthy.

use super::observer::Observer;
use super::{WaitHealthy, wit};
use crate::capability::World;
use crate::capability::ssh_exec::output::Collector;
use crate::journal::Performance;
use crate::ssh::{Capture, Command, Connection, ExecRequest, Exit, Repeat};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use windlass_api_types::{Failure, Level};

/// How many lines of a log a failure quotes.
const QUOTED_LINES: usize = 20;
/// More than so many lines have: the answer stands in the journal.
const QUOTED_BYTES: usize = 16 * 1024;

/// Where the app writes.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum AppLog {
    /// Its path on the target.
    File(String),
    Commands(Commands),
}

/// What writes it.
#[derive(Serialize, Deserialize)]
pub(super) struct Commands {
    /// As it grows; empty: nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    follow: Vec<String>,
    /// Its end; empty: what `follow` wrote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tail: Vec<String>,
}

impl From<wit::AppLog> for AppLog {
    fn from(log: wit::AppLog) -> Self {
        match log {
            wit::AppLog::File(path) => Self::File(path),
            wit::AppLog::Commands(wit::LogCommands { follow, tail }) => Self::Commands(Commands { follow, tail }),
        }
    }
}

/// Writes to the stage's log what a command says of the app.
pub(super) struct Follower<'a> {
    /// None: there is nothing to follow.
    follows: Option<(&'a [String], &'a Connection, Collector)>,
}

impl<'a> Follower<'a> {
    pub(super) fn new(
        wait: &'a WaitHealthy,
        observer: &'a Observer<'_>,
        world: &World,
        performance: &Performance,
    ) -> Self {
        let collector = || Collector::new(performance.tee.clone(), &world.masker, Some(Level::Info), QUOTED_BYTES);
        let follows = match (&wait.log, observer.connection()) {
            (Some(AppLog::Commands(Commands { follow, .. })), Some(connection)) if !follow.is_empty() => {
                Some((follow.as_slice(), connection, collector()))
            }
            _ => None,
        };
        Self { follows }
    }

    /// Follows until it is stopped; answers the end of what was said.
    pub(super) async fn follow(self, stop: &CancellationToken) -> Option<String> {
        let (argv, connection, mut collector) = self.follows?;
        let request = ExecRequest::new(merged(argv), Repeat::Reads);
        // How it ends is of no interest: what it had to say of it is in the log.
        drop(connection.exec(&request, &mut collector, stop).await);
        let (said, _) = collector.finish().await;
        Some(String::from_utf8_lossy(&said.bytes).into_owned())
    }
}

impl WaitHealthy {
    /// The failure with the end of the log, if the probe names one.
    pub(super) async fn with_log(
        &self,
        mut failure: Failure,
        followed: Option<String>,
        observer: &Observer<'_>,
        performance: &Performance,
    ) -> Failure {
        let said = match (&self.log, followed, observer.connection()) {
            (Some(AppLog::File(path)), _, Some(connection)) => {
                let lines = QUOTED_LINES.to_string();
                let argv = ["tail", "-n", &lines, "--", path].map(str::to_owned);
                read(connection, Command::Argv(argv.to_vec()), path, performance).await
            }
            (Some(AppLog::Commands(Commands { tail, .. })), _, Some(connection)) if !tail.is_empty() => {
                read(connection, merged(tail), &format!("of `{}`", tail.join(" ")), performance).await
            }
            (_, Some(said), _) => Ok(said),
            _ => return failure,
        };
        match said {
            Ok(text) if text.trim().is_empty() => failure.message.push_str("\nthe app has written nothing to its log"),
            Ok(text) => {
                let lines: Vec<&str> = text.lines().collect();
                for line in &lines[lines.len().saturating_sub(QUOTED_LINES)..] {
                    failure.message.push_str("\napp: ");
                    failure.message.push_str(line);
                }
            }
            // The probe's failure is what matters.
            Err(reason) => performance.tee.line(Level::Warning, &reason).await,
        }
        failure
    }
}

/// The command with both of its streams in one, so that lines stay in their order.
fn merged(argv: &[String]) -> Command {
    let merged = ["sh", "-c", "exec \"$@\" 2>&1", "sh"].map(str::to_owned).into_iter();
    Command::Argv(merged.chain(argv.iter().cloned()).collect())
}

async fn read(
    connection: &Connection,
    command: Command,
    name: &str,
    performance: &Performance,
) -> Result<String, String> {
    let unreadable = |reason: &str| format!("the app's log {name} cannot be read: {reason}");
    let mut capture = Capture::new(QUOTED_BYTES);
    let request = ExecRequest::new(command, Repeat::Reads);
    let ended = connection.exec(&request, &mut capture, &performance.cancel).await;
    match ended.map_err(|error| unreadable(&error.to_string()))?.exit {
        Exit::Status(0) => Ok(String::from_utf8_lossy(&capture.stdout).into_owned()),
        _ => Err(unreadable(String::from_utf8_lossy(&capture.stderr).trim())),
    }
}
