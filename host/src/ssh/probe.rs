//! One attempt to find something healthy, as seen from the target.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::Connection;
use super::command::Command;
use super::dial::authority;
use super::error::SshError;
use super::exec::{ExecRequest, Exit, Repeat};
use super::reception::Capture;
use crate::exchange::HttpLook;

/// What to look at.
#[derive(Clone, Debug)]
pub enum Probe {
    /// A GET request over HTTP/1.1.
    Http(HttpLook),
    /// A connection that opens.
    Tcp { host: String, port: u16 },
    /// A command on the target that exits with 0.
    Exec { argv: Vec<String> },
}

/// What one attempt found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub healthy: bool,
    /// From the first byte sent to the answer.
    pub latency: Duration,
    /// What was tried and what came of it: `GET :3000/health → 503`.
    pub reason: String,
}

/// Why there was no answer to judge.
enum Failure {
    /// Unhealthy, in these words.
    Answer(String),
    /// The transport: says nothing about the health.
    Transport(SshError),
}

impl Connection {
    /// Looks once. An error is the transport's: then nothing is known about the health.
    pub async fn probe(
        &self,
        probe: &Probe,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<Attempt, SshError> {
        let begun = Instant::now();
        let looked = match probe {
            Probe::Http(look) => self.within(timeout, cancel, self.request_once(look)).await,
            Probe::Tcp { host, port } => self.within(timeout, cancel, self.connect_once(host, *port)).await,
            // A command that takes too long is ended, not left alone.
            Probe::Exec { argv } => self.run_once(argv, timeout, cancel).await,
        };
        let (healthy, answer) = match looked {
            Ok(found) => found,
            Err(Failure::Answer(answer)) => (false, answer),
            Err(Failure::Transport(error)) => return Err(error),
        };
        Ok(Attempt { healthy, latency: begun.elapsed(), reason: format!("{} → {answer}", probe.describe()) })
    }

    async fn request_once(&self, look: &HttpLook) -> Result<(bool, String), Failure> {
        let tunnel = self.open_tcp(&look.host, look.port).await.map_err(tunnel_failure)?;
        look.at(tunnel).await.map_err(Failure::Answer)
    }

    async fn connect_once(&self, host: &str, port: u16) -> Result<(bool, String), Failure> {
        self.open_tcp(host, port).await.map_err(tunnel_failure)?;
        Ok((true, "connected".to_owned()))
    }

    /// Gives up a look over the network when its time is over; nothing of it stays.
    async fn within(
        &self,
        timeout: Duration,
        cancel: &CancellationToken,
        look: impl Future<Output = Result<(bool, String), Failure>>,
    ) -> Result<(bool, String), Failure> {
        tokio::select! {
            looked = tokio::time::timeout(timeout, look) => {
                looked.unwrap_or_else(|_| Err(Failure::Answer(no_answer(timeout))))
            }
            () = cancel.cancelled() => {
                Err(Failure::Transport(SshError::Canceled { target: self.target(), confirmed: true }))
            }
        }
    }

    async fn run_once(
        &self,
        argv: &[String],
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<(bool, String), Failure> {
        let mut request = ExecRequest::new(Command::Argv(argv.to_vec()), Repeat::Reads);
        request.timeout = Some(timeout);
        request.validate(&self.address.name).map_err(Failure::Transport)?;
        let late = || Failure::Answer(no_answer(timeout));
        let failure = |error| match error {
            SshError::Timeout { .. } => late(),
            other => Failure::Transport(other),
        };
        // Among many other commands it may come too late: a look does not wait longer than it may take.
        let mut nothing = Capture::new(0);
        let place = tokio::time::timeout(timeout, self.place(&mut nothing, cancel)).await;
        let place = place.map_err(|_| late())?.map_err(failure)?;
        let ended = self.exec_in(place, &request, &mut nothing, cancel).await.map_err(failure)?;
        Ok(match ended.exit {
            Exit::Status(status) => (status == 0, format!("status {status}")),
            Exit::Signal(signal) => (false, format!("ended by {signal}")),
        })
    }
}

/// What is said of an attempt whose time was over.
pub fn no_answer(timeout: Duration) -> String {
    format!("no answer within {} s", timeout.as_secs_f32())
}

fn tunnel_failure(error: SshError) -> Failure {
    match error {
        SshError::TunnelFailed { reason, .. } => Failure::Answer(reason),
        other => Failure::Transport(other),
    }
}

impl Probe {
    /// What is tried, short: the target's own address goes without saying.
    pub fn describe(&self) -> String {
        match self {
            Self::Http(look) => look.describe(),
            Self::Tcp { host, port } => match host.as_str() {
                "127.0.0.1" | "localhost" | "::1" => format!("connect :{port}"),
                other => format!("connect {}", authority(other, *port)),
            },
            Self::Exec { argv } => argv.join(" "),
        }
    }
}
