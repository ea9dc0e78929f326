//! Commands that outlive their connection: started once, followed over as many connections as it takes.

use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::Connection;
use super::command::{Run, Token};
use super::error::SshError;
use super::exec::{Ending, ExecEnd, ExecRequest, Exit, Job, Limits};
use super::opening::Opening;
use super::reception::{OutputSink, Seen};
use super::session::ChannelEnd;
use super::sudo::Sudo;

/// How often a command that provably has not started is started anew.
const START_TRIES: usize = 3;
/// Between two looks at a command that runs on without us: soon at first, then each second.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Between two tries to reach the target again.
const RECONNECT_PAUSE: Duration = Duration::from_millis(500);
/// How long a claimed command may take to note its process. It is a matter of milliseconds.
const STARTING_PATIENCE: Duration = Duration::from_secs(10);

/// What a request to start a command came to.
enum Started {
    Ended(Exit),
    /// It runs, or ran; whether this request started it is `ours`.
    Follow {
        ours: bool,
    },
}

/// What following a command came to.
enum Followed {
    Ended(Exit),
    /// It never started, and no earlier request will start it.
    NeverStarted,
    /// It is gone without a status.
    Gone,
}

/// What one look told.
enum Look {
    Ended(Exit),
    Running,
    Starting,
    Absent,
    Gone,
}

impl Connection {
    pub(super) async fn exec_reattachable(
        &self,
        request: &ExecRequest,
        key: Uuid,
        output: &mut dyn OutputSink,
        limits: &Limits,
    ) -> Result<ExecEnd, SshError> {
        let mut seen = Seen::default();
        for _ in 0..START_TRIES {
            let ours = match self.start(request, key, output, &mut seen, limits).await? {
                Started::Ended(exit) => {
                    return Ok(ExecEnd { exit, found_again: false });
                }
                Started::Follow { ours } => ours,
            };
            match self.follow(request, key, output, &mut seen, limits).await? {
                Followed::Ended(exit) => {
                    return Ok(ExecEnd { exit, found_again: true });
                }
                Followed::NeverStarted if !ours => {}
                Followed::NeverStarted => {
                    return Err(self.unknown("its record on the target was removed"));
                }
                Followed::Gone => {
                    return Err(self.unknown("its process ended without leaving a status, as after a reboot"));
                }
            }
        }
        Err(self.lost("each time before the command had started"))
    }

    /// Removes what the target keeps of commands. To be called once their answers are recorded, not
    /// before: a command whose record is gone would be started again under the same key.
    pub(super) async fn forget(&self, keys: &[Uuid], sudo: &Sudo) -> Result<(), SshError> {
        let token = Token::new();
        let line = Run { token: &token, sudo }.forget(keys);
        self.control(&line, &token, sudo).await
    }

    async fn start(
        &self,
        request: &ExecRequest,
        key: Uuid,
        output: &mut dyn OutputSink,
        seen: &mut Seen,
        limits: &Limits,
    ) -> Result<Started, SshError> {
        let token = Token::new();
        let run = Run { token: &token, sudo: &request.sudo };
        let line = run.start(key, request.stdin.len(), request.cwd.as_deref(), &request.command);
        let session = limits.bound(&self.address.name, self.session(&line)).await?;
        let ending = Ending::Effect(key);
        let job = Job { line: &line, token: &token, input: request.input(), sudo: &request.sudo, ending };
        let ran = self.run(session, job, output, seen, limits).await?;
        match (ran.opening, ran.end) {
            (Some(Opening::Started { .. }), ChannelEnd::Exit(Exit::Status(status))) => {
                Ok(Started::Ended(Exit::from_shell(status)))
            }
            // The wrapper itself was ended, or the connection was lost: the record tells.
            (Some(Opening::Started { .. }), _) => Ok(Started::Follow { ours: true }),
            (Some(Opening::Exists), _) | (_, ChannelEnd::Lost) => Ok(Started::Follow { ours: false }),
            (Some(Opening::Directory), _) => Err(self.directory_unusable(request)),
            (Some(Opening::Refused { reason }), _) => Err(SshError::NotStarted { target: self.target(), reason }),
            (_, end) => Err(self.not_started(&ran.complaint, &end)),
        }
    }

    /// Looks at the command until it has ended, over new connections where the old one is lost.
    async fn follow(
        &self,
        request: &ExecRequest,
        key: Uuid,
        output: &mut dyn OutputSink,
        seen: &mut Seen,
        limits: &Limits,
    ) -> Result<Followed, SshError> {
        let mut pause = FIRST_PAUSE;
        let mut heard = Instant::now();
        let mut starting_until = None;
        loop {
            let wait = match self.look(request, key, output, seen, limits).await {
                Ok(Look::Ended(exit)) => return Ok(Followed::Ended(exit)),
                Ok(Look::Absent) => return Ok(Followed::NeverStarted),
                Ok(Look::Gone) => return Ok(Followed::Gone),
                Ok(Look::Starting) => {
                    let until = *starting_until.get_or_insert_with(|| Instant::now() + STARTING_PATIENCE);
                    if Instant::now() >= until {
                        return Ok(Followed::Gone);
                    }
                    FIRST_PAUSE
                }
                Ok(Look::Running) => {
                    heard = Instant::now();
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    pause
                }
                Err(error @ (SshError::Canceled { .. } | SshError::Timeout { .. })) => {
                    return Err(error);
                }
                Err(error) if error.retryable() && heard.elapsed() < self.pool.config().reconnect_patience => {
                    RECONNECT_PAUSE
                }
                Err(error) => return Err(self.unknown(&error.to_string())),
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                stop = limits.reached() => {
                    let confirmed = self.end_effect(key, &request.sudo).await;
                    return Err(stop.error(self.target(), confirmed));
                }
            }
        }
    }

    /// One look at the command: its output from where it stopped, and its state.
    async fn look(
        &self,
        request: &ExecRequest,
        key: Uuid,
        output: &mut dyn OutputSink,
        seen: &mut Seen,
        limits: &Limits,
    ) -> Result<Look, SshError> {
        let token = Token::new();
        let line = Run { token: &token, sudo: &request.sudo }.attach(key, seen.stdout, seen.stderr);
        let session = tokio::select! {
            session = self.session(&line) => session?,
            stop = limits.reached() => {
                let confirmed = self.end_effect(key, &request.sudo).await;
                return Err(stop.error(self.target(), confirmed));
            }
        };
        let input = Box::new(tokio::io::empty());
        let job = Job { line: &line, token: &token, input, sudo: &request.sudo, ending: Ending::Effect(key) };
        let ran = self.run(session, job, output, seen, limits).await?;
        // Cut in the middle, its output is not whole.
        if ran.end == ChannelEnd::Lost {
            return Err(self.lost("while the command was looked for"));
        }
        match ran.opening {
            Some(Opening::Ended { status }) => Ok(Look::Ended(Exit::from_shell(status))),
            Some(Opening::Running) => Ok(Look::Running),
            Some(Opening::Starting) => Ok(Look::Starting),
            Some(Opening::Absent) => Ok(Look::Absent),
            Some(Opening::Lost) => Ok(Look::Gone),
            _ => Err(self.not_started(&ran.complaint, &ran.end)),
        }
    }

    fn unknown(&self, reason: &str) -> SshError {
        SshError::OutcomeUnknown { target: self.target(), reason: reason.to_owned() }
    }
}
