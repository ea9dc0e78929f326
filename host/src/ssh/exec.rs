//! Commands on a target.

mod limits;
mod request;

use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_util::sync::CancellationToken;

use super::Connection;
use super::command::{Once, Run, Token};
use super::error::SshError;
use super::opening::Opening;
use super::pool::Purpose;
use super::reception::{Capture, OutputSink, Reception, Seen};
use super::session::{ChannelEnd, Input, Session};
use super::sudo::{Refusal, Sudo};

pub(super) use limits::{Limits, Stop};
pub use request::{ExecEnd, ExecRequest, Exit, Fence, Repeat};

/// What has to be asked of a target to end what runs there.
#[derive(Clone, Copy)]
pub(super) enum Ending<'a> {
    /// The process group that the opening names.
    Group,
    /// A command that starts once, and the request to start it where that may still be under way.
    Effect { once: Once, started_by: Option<&'a Token> },
}

/// One command line that ran to the end of its channel.
pub(super) struct Ran {
    pub(super) end: ChannelEnd,
    pub(super) opening: Option<Opening>,
    /// What was said where there is no opening.
    pub(super) complaint: String,
}

/// A command line with its input.
pub(super) struct Job<'a> {
    pub(super) line: &'a str,
    pub(super) token: &'a Token,
    pub(super) input: Input,
    pub(super) sudo: &'a Sudo,
    pub(super) ending: Ending<'a>,
}

/// TERM, five seconds of grace, KILL, and the time to say so.
const ENDING_PATIENCE: Duration = Duration::from_secs(15);
/// How long the open connection may take to open another session.
const CONTROL_PATIENCE: Duration = Duration::from_secs(4);
/// How long a command that is to be ended may take to say its process group.
const OPENING_PATIENCE: Duration = Duration::from_secs(5);
/// How long the channel of a command that was ended is read on: a process that left the group may
/// keep it open for good.
const LAST_WORDS: Duration = Duration::from_secs(1);

impl Connection {
    /// Runs a command and waits for its end; its output goes to `output` while it runs.
    ///
    /// A reattachable command is kept on the target until [`Ssh::forget`](super::Ssh::forget), so that an answer
    /// that could not be recorded is found again under the same key. Canceled or out of time, the
    /// command's process group is ended before this returns; processes that left the group (`setsid`)
    /// live on.
    pub async fn exec(
        &self,
        request: &ExecRequest,
        output: &mut dyn OutputSink,
        cancel: &CancellationToken,
    ) -> Result<ExecEnd, SshError> {
        request.validate(&self.address.name)?;
        if let Repeat::Reattachable { key } = request.repeat
            && request.again
            && cancel.is_cancelled()
        {
            let once = Once { key, fence: request.fence };
            let confirmed = self.end_effect(once, None, &request.sudo).await;
            return Err(SshError::Canceled { target: self.target(), confirmed });
        }
        let place = self.place(output, cancel).await?;
        self.exec_in(place, request, output, cancel).await
    }

    /// Runs a command that has its place among those of the target.
    pub(super) async fn exec_in(
        &self,
        _place: OwnedSemaphorePermit,
        request: &ExecRequest,
        output: &mut dyn OutputSink,
        cancel: &CancellationToken,
    ) -> Result<ExecEnd, SshError> {
        let limits = Limits::new(cancel, request.timeout);
        match request.repeat {
            Repeat::Reattachable { key } => {
                let once = Once { key, fence: request.fence };
                self.exec_reattachable(request, once, output, &limits).await
            }
            Repeat::Idempotent | Repeat::Reads => {
                let exit = self.exec_plain(request, request.input(), output, &limits).await?;
                Ok(ExecEnd { exit, found_again: false })
            }
        }
    }

    /// Waits until fewer commands than the limit run on the target. Waiting is no part of a command's own time.
    pub(super) async fn place(
        &self,
        output: &mut dyn OutputSink,
        cancel: &CancellationToken,
    ) -> Result<OwnedSemaphorePermit, SshError> {
        let config = self.pool.config();
        let free = self.pool.commands(&self.address).acquire_owned();
        let waiting = async {
            tokio::pin!(free);
            match tokio::time::timeout(config.waiting_notice, &mut free).await {
                Ok(place) => Ok(place),
                Err(_) => {
                    output.waits(&self.address.name, config.commands_per_target).await;
                    Ok(free.await)
                }
            }
        };
        let place = Limits::new(cancel, None).bound(&self.address.name, waiting).await?;
        Ok(place.expect("the semaphore of a target is never closed"))
    }

    /// Runs a command that ends with its connection; `input` begins with the environment.
    pub(super) async fn exec_plain(
        &self,
        request: &ExecRequest,
        input: Input,
        output: &mut dyn OutputSink,
        limits: &Limits,
    ) -> Result<Exit, SshError> {
        let token = Token::new();
        let run = Run { token: &token, sudo: &request.sudo };
        let line = run.plain(request.cwd.as_deref(), &request.command);
        let session = limits.bound(&self.address.name, self.session(&line)).await?;
        let job = Job { line: &line, token: &token, input, sudo: &request.sudo, ending: Ending::Group };
        let ran = self.run(session, job, output, &mut Seen::default(), limits).await?;
        match (ran.opening, ran.end) {
            (Some(Opening::Started { .. }), ChannelEnd::Exit(Exit::Status(status))) if request.sudo.is_wanted() => {
                Ok(Exit::from_shell(status))
            }
            (Some(Opening::Started { .. }), ChannelEnd::Exit(exit)) => Ok(exit),
            (Some(Opening::Directory), _) => Err(self.directory_unusable(request)),
            (_, ChannelEnd::Lost) => Err(self.lost("while the command ran")),
            (_, end) => Err(self.not_started(&ran.complaint, &end)),
        }
    }

    /// Runs one command line to the end of its channel, or ends it where the limits say so.
    pub(super) async fn run(
        &self,
        mut session: Session,
        job: Job<'_>,
        output: &mut dyn OutputSink,
        seen: &mut Seen,
        limits: &Limits,
    ) -> Result<Ran, SshError> {
        let mut reception = Reception::new(job.token, output, seen);
        let opening = reception.opening();
        let end = {
            let running = session.run(job.line, job.sudo.input(job.token, job.input), &mut reception);
            tokio::pin!(running);
            tokio::select! {
                biased;
                end = &mut running => end,
                stop = limits.reached() => {
                    // The channel is pumped on while the target ends its processes.
                    let ending = self.end(job.ending, job.sudo, opening.clone());
                    tokio::pin!(ending);
                    let confirmed = tokio::select! {
                        confirmed = &mut ending => {
                            // What the command said last is still on its way.
                            let _ = tokio::time::timeout(LAST_WORDS, &mut running).await;
                            confirmed
                        }
                        _ = &mut running => ending.await,
                    };
                    return Err(stop.error(self.target(), confirmed));
                }
            }
        };
        let opening = opening.borrow().clone();
        Ok(Ran { end, opening, complaint: reception.complaint() })
    }

    /// Ends what runs on the target. Answers whether the target confirmed it.
    async fn end(&self, ending: Ending<'_>, sudo: &Sudo, mut opening: watch::Receiver<Option<Opening>>) -> bool {
        match ending {
            Ending::Effect { once, started_by } => self.end_effect(once, started_by, sudo).await,
            Ending::Group => {
                let opened = async { opening.wait_for(Option::is_some).await.ok().and_then(|opening| opening.clone()) };
                let group = match tokio::time::timeout(OPENING_PATIENCE, opened).await {
                    Ok(Some(Opening::Started { group })) => group,
                    // It said that it does not run.
                    Ok(Some(_)) => return true,
                    Ok(None) | Err(_) => return false,
                };
                let token = Token::new();
                let line = Run { token: &token, sudo }.end_group(group);
                self.confirmed(&line, &token, sudo).await
            }
        }
    }

    /// Ends a command, or makes sure that it never starts. Answers whether the target confirmed it.
    pub(super) async fn end_effect(&self, once: Once, started_by: Option<&Token>, sudo: &Sudo) -> bool {
        let token = Token::new();
        let line = Run { token: &token, sudo }.end_effect(once, started_by);
        self.confirmed(&line, &token, sudo).await
    }

    async fn confirmed(&self, line: &str, token: &Token, sudo: &Sudo) -> bool {
        tokio::time::timeout(ENDING_PATIENCE, self.control(line, token, sudo)).await.is_ok_and(|done| done.is_ok())
    }

    /// Runs a short line that must not wait behind commands.
    pub(super) async fn control(&self, line: &str, token: &Token, sudo: &Sudo) -> Result<(), SshError> {
        let opening = async {
            let live = self.live().await?;
            Session::open(&live, &self.address.name, Purpose::Control).await
        };
        let mut session = match tokio::time::timeout(CONTROL_PATIENCE, opening).await {
            Ok(Ok(session)) => session,
            // A server that allows fewer sessions than ours has none free, or the connection stands still and
            // that was not noticed yet: another connection has one.
            Ok(Err(_)) | Err(_) => {
                let apart = self.pool.dial(&self.address).await?;
                Session::open(&apart, &self.address.name, Purpose::Control).await?
            }
        };
        let (mut nothing, mut seen) = (Capture::new(0), Seen::default());
        let mut reception = Reception::new(token, &mut nothing, &mut seen);
        let opening = reception.opening();
        let end = session.run(line, sudo.input(token, Box::new(tokio::io::empty())), &mut reception).await;
        let started = matches!(*opening.borrow(), Some(Opening::Started { .. }));
        match end {
            ChannelEnd::Exit(exit) if started && exit.success() => Ok(()),
            ChannelEnd::Lost => Err(self.lost("while a command was ended")),
            end => Err(self.not_started(&reception.complaint(), &end)),
        }
    }

    /// A session for a command. Where the pooled connection turns out to be dead, nothing has been sent
    /// yet, and a new one is made.
    pub(super) async fn session(&self, line: &str) -> Result<Session, SshError> {
        let live = self.live().await?;
        match Session::for_command(&live, &self.address.name, line).await {
            Err(SshError::ConnectionLost { .. }) => {
                let live = self.live().await?;
                Session::for_command(&live, &self.address.name, line).await
            }
            opened => opened,
        }
    }

    pub(super) fn lost(&self, during: &str) -> SshError {
        SshError::ConnectionLost { target: self.target(), during: during.to_owned() }
    }

    pub(super) fn directory_unusable(&self, request: &ExecRequest) -> SshError {
        SshError::DirectoryUnusable { target: self.target(), path: request.cwd.clone().unwrap_or_default() }
    }

    /// The channel ended, and the program on the target never said that it runs.
    pub(super) fn not_started(&self, complaint: &str, end: &ChannelEnd) -> SshError {
        let target = self.target();
        if let Some(Refusal { reason, hint }) = Refusal::recognize(complaint) {
            return SshError::SudoRefused { target, reason, hint };
        }
        // The last lines have the reason; a banner comes before.
        let lines: Vec<&str> = complaint.lines().rev().take(3).collect();
        let complaint = lines.into_iter().rev().collect::<Vec<_>>().join(" / ");
        let reason = match end {
            _ if !complaint.is_empty() => complaint,
            ChannelEnd::Refused => "the SSH server runs no commands".to_owned(),
            ChannelEnd::Exit(Exit::Status(status)) => {
                format!("the login shell ended with status {status}")
            }
            ChannelEnd::Exit(Exit::Signal(signal)) => {
                format!("the login shell was ended by {signal}")
            }
            ChannelEnd::Lost => "the connection was lost".to_owned(),
        };
        SshError::NotStarted { target, reason }
    }
}
