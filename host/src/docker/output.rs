//! What containers write: their logs, and commands that run in them.

use super::{Engine, EngineError};
use crate::ssh::{OutputSink, OutputStream};
use bollard::container::LogOutput;
use bollard::exec::StartExecResults;
use bollard::models::ExecConfig;
use bollard::query_parameters::LogsOptionsBuilder;
use futures::{Stream, StreamExt};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How many bytes of a log are kept: it stands in the journal.
const LARGEST_LOG: usize = 1024 * 1024;

/// A line of a container's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stderr: bool,
    /// RFC 3339.
    pub at: String,
    pub text: String,
}

/// A command to run in a container.
pub struct Command {
    pub container: String,
    pub argv: Vec<String>,
    /// `NAME=value`.
    pub env: Vec<String>,
    pub user: Option<String>,
    pub cwd: Option<String>,
    pub timeout: Option<Duration>,
}

impl Engine {
    /// The end of a container's log, and what is added to it for so long.
    pub async fn logs(
        &self,
        name: &str,
        tail: Option<u32>,
        since: Option<u32>,
        follow: Duration,
    ) -> Result<Vec<LogLine>, EngineError> {
        let tail = tail.map_or_else(|| "all".to_owned(), |tail| tail.to_string());
        let since = since.map_or(0, |since| i32::try_from(since).unwrap_or(i32::MAX));
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).timestamps(true).tail(&tail).since(since);
        let mut output = self.client.logs(name, Some(options.follow(!follow.is_zero()).build()));
        let until = Instant::now() + if follow.is_zero() { Duration::from_secs(3600) } else { follow };
        let (mut lines, mut size) = (VecDeque::new(), 0);
        while let Ok(Some(piece)) = timeout_at(until, output.next()).await {
            let piece = piece.map_err(self.failed(format!("read the log of the container {name}")))?;
            for line in lines_of(&piece) {
                size += line.text.len();
                lines.push_back(line);
            }
            while size > LARGEST_LOG {
                size -= lines.pop_front().map_or(size, |line: LogLine| line.text.len());
            }
        }
        Ok(lines.into())
    }

    /// The last lines of a container's log, and with `follow` those that are added until the container ends.
    pub fn follow_log(
        &self,
        name: &str,
        tail: u32,
        follow: bool,
    ) -> impl Stream<Item = Result<LogLine, EngineError>> + Send + use<'_> {
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).timestamps(true).tail(&tail.to_string());
        let what = format!("read the log of the container {name}");
        self.client.logs(name, Some(options.follow(follow).build())).flat_map(move |piece| {
            let lines = match piece {
                Ok(piece) => lines_of(&piece).into_iter().map(Ok).collect(),
                Err(error) => vec![Err(self.failed(&what)(error))],
            };
            futures::stream::iter(lines)
        })
    }

    /// Runs a command in a container; answers its exit status.
    pub async fn run(&self, command: Command, output: &mut dyn OutputSink) -> Result<u32, EngineError> {
        let what = format!("run `{}` in the container {}", command.argv.join(" "), command.container);
        let config = ExecConfig {
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(command.argv),
            env: Some(command.env),
            user: command.user,
            working_dir: command.cwd,
            ..Default::default()
        };
        let made = self.client.create_exec(&command.container, config).await.map_err(self.failed(&what))?;
        let started = self.client.start_exec(&made.id, None).await.map_err(self.failed(&what))?;
        let running = async {
            if let StartExecResults::Attached { output: mut pieces, input: _input } = started {
                while let Some(piece) = pieces.next().await {
                    let piece = piece.map_err(self.failed(&what))?;
                    output.write(stream_of(&piece), piece.as_ref()).await;
                }
            }
            Ok::<_, EngineError>(())
        };
        match command.timeout {
            Some(limit) => {
                tokio::time::timeout(limit, running).await.map_err(|_| self.too_long(&what, limit))??;
            }
            None => running.await?,
        }
        let ended = self.client.inspect_exec(&made.id).await.map_err(self.failed(&what))?;
        let status = ended.exit_code.and_then(|code| u32::try_from(code).ok());
        let lost = || crate::ssh::SshError::ConnectionLost { target: self.target().into(), during: what.clone() };
        // Without a status the stream ended before the command.
        status.ok_or_else(|| lost().into())
    }
}

fn stream_of(piece: &LogOutput) -> OutputStream {
    match piece {
        LogOutput::StdErr { .. } => OutputStream::Stderr,
        _ => OutputStream::Stdout,
    }
}

/// Each begins with its time.
fn lines_of(piece: &LogOutput) -> Vec<LogLine> {
    let stderr = stream_of(piece) == OutputStream::Stderr;
    let text = String::from_utf8_lossy(piece.as_ref());
    let line = |line: &str| {
        let (at, text) = line.split_once(' ').unwrap_or((line, ""));
        LogLine { stderr, at: at.to_owned(), text: text.trim_end_matches('\r').to_owned() }
    };
    text.lines().map(line).collect()
}
