//! Commands that outlive their connection: started once, followed over as many connections as it takes.

use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::Connection;
use super::command::{Once, Run, Token};
use super::error::SshError;
use super::exec::{Ending, ExecEnd, ExecRequest, Exit, Job, Limits, Stop};
use super::opening::Opening;
use super::reception::{OutputSink, Seen};
use super::session::ChannelEnd;
use super::sudo::Sudo;

/// How often a command that provably has not started is started anew.
const START_TRIES: u32 = 5;
/// Between two looks at a command that runs on without us: soon at first, then each second.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Between two tries to reach the target again.
const RECONNECT_PAUSE: Duration = Duration::from_millis(500);
/// How long a claimed command may take to note its process. It is a matter of milliseconds.
const STARTING_PATIENCE: Duration = Duration::from_secs(10);

/// How `sudo` and shells tell that a program was ended by KILL.
const KILLED: u32 = 137;
/// From here on a shell's status is that of a signal.
const FIRST_SIGNAL: u32 = 128;

/// What a request to start a command came to.
enum Started {
    Ended(Exit),
    /// It runs, or ran, or its record tells that it does not.
    Follow(Pursuit),
}

/// What is known of a command whose record tells the rest.
struct Pursuit {
    /// This request started it.
    ours: bool,
    /// It ended as far as can be told, and the record has the last word.
    ended: bool,
    /// The request to start it that nothing was heard of. It may arrive yet.
    unanswered: Option<Token>,
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

/// One request for a command that starts once.
struct Errand<'a> {
    request: &'a ExecRequest,
    once: Once,
    limits: &'a Limits,
}

impl Connection {
    pub(super) async fn exec_reattachable(
        &self,
        request: &ExecRequest,
        once: Once,
        output: &mut dyn OutputSink,
        limits: &Limits,
    ) -> Result<ExecEnd, SshError> {
        let errand = Errand { request, once, limits };
        let mut seen = Seen::default();
        for attempt in 0..START_TRIES {
            let pursuit = match self.start(&errand, output, &mut seen).await? {
                Started::Ended(exit) => {
                    return Ok(ExecEnd { exit, found_again: false });
                }
                Started::Follow(pursuit) => pursuit,
            };
            if !pursuit.ours && pursuit.unanswered.is_none() {
                // Another request has made the directory, and is perhaps about to claim it. Two that took it away
                // from each other would never begin.
                self.pause(FIRST_PAUSE * 2_u32.pow(attempt), &errand, &pursuit).await?;
            }
            match self.follow(&errand, &pursuit, output, &mut seen).await? {
                Followed::Ended(exit) => {
                    return Ok(ExecEnd { exit, found_again: !pursuit.ended });
                }
                Followed::NeverStarted if !pursuit.ours => {}
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
        errand: &Errand<'_>,
        output: &mut dyn OutputSink,
        seen: &mut Seen,
    ) -> Result<Started, SshError> {
        let Errand { request, once, limits } = errand;
        let token = Token::new();
        let run = Run { token: &token, sudo: &request.sudo };
        let line = run.start(*once, request.stdin.len(), request.cwd.as_deref(), &request.command);
        let session = limits.bound(&self.address.name, self.session(&line)).await?;
        let ending = Ending::Effect { once: *once, started_by: Some(&token) };
        let job = Job { line: &line, token: &token, input: request.input(), sudo: &request.sudo, ending };
        let ran = self.run(session, job, output, seen, limits).await?;
        let follow = |ours, ended| Ok(Started::Follow(Pursuit { ours, ended, unanswered: None }));
        match (ran.opening, ran.end) {
            (Some(Opening::Started { .. }), ChannelEnd::Exit(Exit::Status(status))) if status < FIRST_SIGNAL => {
                Ok(Started::Ended(Exit::Status(status)))
            }
            // The command was ended by a signal, or what ran it was, as when a target shuts down.
            (Some(Opening::Started { .. }), end) => follow(true, matches!(end, ChannelEnd::Exit(Exit::Status(_)))),
            (Some(Opening::Exists), _) => follow(false, false),
            // It was ended before it could say what it did, and may have begun.
            (None, ChannelEnd::Lost | ChannelEnd::Exit(Exit::Signal(_) | Exit::Status(KILLED))) => {
                Ok(Started::Follow(Pursuit { ours: false, ended: false, unanswered: Some(token) }))
            }
            (Some(Opening::Fenced), _) => Err(SshError::Fenced { target: self.target() }),
            (Some(Opening::Directory), _) => Err(self.directory_unusable(request)),
            (Some(Opening::Refused { reason }), _) => Err(SshError::NotStarted { target: self.target(), reason }),
            (_, end) => Err(self.not_started(&ran.complaint, &end)),
        }
    }

    /// Looks at the command until it has ended, over new connections where the old one is lost.
    async fn follow(
        &self,
        errand: &Errand<'_>,
        pursuit: &Pursuit,
        output: &mut dyn OutputSink,
        seen: &mut Seen,
    ) -> Result<Followed, SshError> {
        let mut pause = FIRST_PAUSE;
        // Since when the target cannot be reached: not since it was last heard, because it takes
        // long to notice that a connection is dead.
        let mut away: Option<Instant> = None;
        let mut starting_until = None;
        loop {
            let looked = self.look(errand, pursuit, output, seen).await;
            if looked.is_ok() {
                away = None;
            }
            let wait = match looked {
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
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    pause
                }
                Err(error @ (SshError::Canceled { .. } | SshError::Timeout { .. } | SshError::Fenced { .. })) => {
                    return Err(error);
                }
                Err(error) => {
                    let since = *away.get_or_insert_with(Instant::now);
                    if !error.retryable() || since.elapsed() >= self.pool.config().reconnect_patience {
                        return Err(self.unknown(&error.to_string()));
                    }
                    RECONNECT_PAUSE
                }
            };
            self.pause(wait, errand, pursuit).await?;
        }
    }

    async fn pause(&self, time: Duration, errand: &Errand<'_>, pursuit: &Pursuit) -> Result<(), SshError> {
        tokio::select! {
            () = tokio::time::sleep(time) => Ok(()),
            stop = errand.limits.reached() => Err(self.stopped(stop, errand, pursuit).await),
        }
    }

    /// One look at the command: its output from where it stopped, and its state.
    async fn look(
        &self,
        errand: &Errand<'_>,
        pursuit: &Pursuit,
        output: &mut dyn OutputSink,
        seen: &mut Seen,
    ) -> Result<Look, SshError> {
        let Errand { request, once, limits } = errand;
        let token = Token::new();
        let started_by = pursuit.unanswered.as_ref();
        let line = Run { token: &token, sudo: &request.sudo }.attach(*once, *seen, started_by);
        let session = tokio::select! {
            session = self.session(&line) => session?,
            stop = limits.reached() => return Err(self.stopped(stop, errand, pursuit).await),
        };
        let input = Box::new(tokio::io::empty());
        let ending = Ending::Effect { once: *once, started_by };
        let job = Job { line: &line, token: &token, input, sudo: &request.sudo, ending };
        let ran = self.run(session, job, output, seen, limits).await?;
        // Cut in the middle, or ended from outside as when the target shuts down, its output is not whole.
        let whole = matches!(&ran.end, ChannelEnd::Exit(exit) if exit.success());
        if ran.end == ChannelEnd::Lost || (ran.opening.is_some() && !whole) {
            return Err(self.lost("while the command was looked for"));
        }
        match ran.opening {
            Some(Opening::Ended { status }) => Ok(Look::Ended(Exit::from_shell(status))),
            Some(Opening::Running) => Ok(Look::Running),
            Some(Opening::Starting) => Ok(Look::Starting),
            Some(Opening::Absent) => Ok(Look::Absent),
            Some(Opening::Lost) => Ok(Look::Gone),
            Some(Opening::Fenced) => Err(SshError::Fenced { target: self.target() }),
            Some(Opening::Refused { reason }) => Err(SshError::NotStarted { target: self.target(), reason }),
            _ => Err(self.not_started(&ran.complaint, &ran.end)),
        }
    }

    /// Ends a command that is looked for.
    async fn stopped(&self, stop: Stop, errand: &Errand<'_>, pursuit: &Pursuit) -> SshError {
        let confirmed = self.end_effect(errand.once, pursuit.unanswered.as_ref(), &errand.request.sudo).await;
        stop.error(self.target(), confirmed)
    }

    fn unknown(&self, reason: &str) -> SshError {
        SshError::OutcomeUnknown { target: self.target(), reason: reason.to_owned() }
    }
}
