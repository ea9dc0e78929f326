//! One session channel: opened within the server's limit, pumped until it ends, always closed.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use futures::FutureExt;
use russh::client::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::Instant;

use super::command::{Token, program};
use super::error::SshError;
use super::exec::Exit;
use super::opening::Seeker;
use super::pool::{Live, Purpose};
use super::quote::quote;
use super::reception::{OutputStream, Reception};
use super::standby::Standby;

/// What a command reads from its standard input.
pub(super) type Input = Box<dyn AsyncRead + Send + Unpin>;

/// Bytes of input per packet: the largest that servers take.
const INPUT_CHUNK: usize = 32 * 1024;
/// A server that refuses a session is asked again for so long when no session of ours is open, which
/// could end and make room.
const REFUSAL_PATIENCE: Duration = Duration::from_secs(5);
/// Between two such questions.
const REFUSAL_PAUSE: Duration = Duration::from_millis(100);
/// How long a channel that was given up may take to confirm its close.
const CLOSE_PATIENCE: Duration = Duration::from_secs(10);

/// How a channel ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ChannelEnd {
    Exit(Exit),
    /// Without a status: the connection was lost. Never success.
    Lost,
    /// The server runs no commands.
    Refused,
}

/// An open session channel. Dropped, it is closed, and its place is given back once the server agreed.
pub(super) struct Session {
    parts: Option<Parts>,
}

struct Parts {
    read: ChannelReadHalf,
    write: ChannelWriteHalf<Msg>,
    permit: OwnedSemaphorePermit,
    /// A connection lives as long as one of its sessions, but for one that only waits for a command.
    live: Option<Arc<Live>>,
    /// The line that ends a program, where a shell waits for one.
    waits_for: Option<Token>,
}

impl Session {
    /// A session for a command line: that of a shell in waiting, or a new one.
    pub(super) async fn for_command(live: &Arc<Live>, target: &str, line: &str) -> Result<Self, SshError> {
        let opened = async {
            loop {
                if let Some(session) = Standby::take(live, line) {
                    return Ok(session);
                }
                // A shell that comes to wait now may have taken the last place.
                tokio::select! {
                    opened = Self::open(live, target, Purpose::Command) => return opened,
                    () = live.standby.ready.notified() => {}
                }
            }
        };
        let session = opened.await?;
        Standby::prepare(live);
        Ok(session)
    }

    /// Opens a session whose shell waits for its program. None: it cannot be had, whatever the reason.
    pub(super) async fn launch(
        live: &Arc<Live>,
        permit: OwnedSemaphorePermit,
        launcher: &str,
        end: &Token,
    ) -> Option<Self> {
        let (read, write) = match live.handle.channel_open_session().await {
            Ok(channel) => channel.split(),
            Err(error) => {
                if matches!(error, russh::Error::ChannelOpenFailure(_)) {
                    live.refusals.next().await;
                }
                return None;
            }
        };
        let parts = Parts { read, write, permit, live: None, waits_for: Some(end.clone()) };
        // From here on it is closed, whatever becomes of this.
        let mut session = Self { parts: Some(parts) };
        let line = format!("exec sh -c {} windlass {}", quote(&program(launcher)), quote(end.as_str()));
        let waits = session.parts.as_mut()?.launch(&line, end).await;
        waits.then_some(session)
    }

    /// Whether its shell still waits. One that was ended has said so: the channel has something to tell.
    pub(super) fn still_waits(&mut self) -> bool {
        self.parts.as_mut().is_some_and(|parts| parts.read.wait().now_or_never().is_none())
    }

    /// The same session, of a connection that lives as long as it.
    pub(super) fn held_by(mut self, live: &Arc<Live>) -> Self {
        if let Some(parts) = &mut self.parts {
            parts.live = Some(Arc::clone(live));
        }
        self
    }

    /// Waits for a free place, then opens a session.
    pub(super) async fn open(live: &Arc<Live>, target: &str, purpose: Purpose) -> Result<Self, SshError> {
        let permit = live.sessions(purpose).acquire_owned().await;
        let permit = permit.expect("the semaphore of a connection is never closed");
        let (sender, receiver) = oneshot::channel();
        let (live, name) = (Arc::clone(live), target.to_owned());
        // Opened in a task of its own: a caller that goes away must not leave a channel that nobody
        // closes, which would take one of the server's few sessions for good.
        tokio::spawn(async move {
            let opened = open_patiently(&live, &name, purpose).await.map(|channel| {
                let (read, write) = channel.split();
                let live = Some(Arc::clone(&live));
                Self { parts: Some(Parts { read, write, permit, live, waits_for: None }) }
            });
            drop(sender.send(opened));
        });
        let lost =
            || SshError::ConnectionLost { target: target.to_owned(), during: "while opening a session".to_owned() };
        receiver.await.unwrap_or_else(|_| Err(lost()))
    }

    /// Runs a command line until the channel ends. Input is sent while output is taken: neither waits
    /// for the other, and the channel is read to its end, because one that is not freezes its connection.
    pub(super) async fn run(&mut self, line: &str, input: Input, reception: &mut Reception<'_>) -> ChannelEnd {
        let Some(Parts { read, write, waits_for, .. }) = &mut self.parts else {
            return ChannelEnd::Lost;
        };
        let input = match waits_for.take() {
            Some(end) => {
                let program = format!("{line}\n{}\n", end.as_str());
                Box::new(std::io::Cursor::new(program.into_bytes()).chain(input))
            }
            None if write.exec(true, line).await.is_err() => return ChannelEnd::Lost,
            None => input,
        };
        let (mut end, mut whole) = (ChannelEnd::Lost, false);
        let sending = send(write, input);
        tokio::pin!(sending);
        let mut sent = false;
        loop {
            let message = tokio::select! {
                message = read.wait() => message,
                () = &mut sending, if !sent => { sent = true; continue }
            };
            match message {
                // A status may overtake the output: without the channel's end some of it may be lost.
                None => return if whole { end } else { ChannelEnd::Lost },
                Some(ChannelMsg::Data { data }) => reception.take(OutputStream::Stdout, &data).await,
                Some(ChannelMsg::ExtendedData { data, ext: 1 }) => reception.take(OutputStream::Stderr, &data).await,
                Some(ChannelMsg::ExitStatus { exit_status }) => end = ChannelEnd::Exit(Exit::Status(exit_status)),
                Some(ChannelMsg::ExitSignal { signal_name, .. }) => {
                    end = ChannelEnd::Exit(Exit::Signal(signal_text(signal_name)));
                }
                // The answer to the request to run it: nothing else asks for one.
                Some(ChannelMsg::Failure) => return ChannelEnd::Refused,
                Some(ChannelMsg::Eof | ChannelMsg::Close) => whole = true,
                Some(_) => {}
            }
        }
    }
}

impl Parts {
    /// Runs the launcher until it says that it waits.
    async fn launch(&mut self, line: &str, end: &Token) -> bool {
        if self.write.exec(true, line).await.is_err() {
            return false;
        }
        let mut ready = Seeker::new(end.clone());
        loop {
            match self.read.wait().await {
                Some(ChannelMsg::Data { data }) if ready.feed(&data).is_some() => return true,
                None | Some(ChannelMsg::Failure | ChannelMsg::Eof | ChannelMsg::Close) => return false,
                Some(_) => {}
            }
        }
    }
}

/// Sends all of the input. A command need not read it: then the channel's end stops this.
async fn send(write: &ChannelWriteHalf<Msg>, mut input: Input) {
    loop {
        let mut chunk = BytesMut::with_capacity(INPUT_CHUNK);
        match input.read_buf(&mut chunk).await {
            Ok(0) => break,
            Ok(_) => {
                if write.data_bytes(chunk.freeze()).await.is_err() {
                    return;
                }
            }
            // Without its end the target knows that the input is cut: it counts.
            Err(_) => break,
        }
    }
    let _ = write.eof().await;
}

async fn open_patiently(live: &Live, target: &str, purpose: Purpose) -> Result<Channel<Msg>, SshError> {
    let mut give_up = Instant::now() + REFUSAL_PATIENCE;
    loop {
        match live.handle.channel_open_session().await {
            Ok(channel) => return Ok(channel),
            Err(russh::Error::ChannelOpenFailure(_)) => {
                let reason = live.refusals.next().await;
                // A server with a lower limit than ours: one of ours will end. What ends others must
                // not wait for them, its caller has another way.
                if purpose == Purpose::Command && live.others_open() {
                    give_up = Instant::now() + REFUSAL_PATIENCE;
                }
                if purpose == Purpose::Control || Instant::now() >= give_up {
                    return Err(SshError::SessionRefused { target: target.to_owned(), reason });
                }
                tokio::time::sleep(REFUSAL_PAUSE).await;
            }
            Err(_) => {
                let during = "before the command was sent".to_owned();
                return Err(SshError::ConnectionLost { target: target.to_owned(), during });
            }
        }
    }
}

/// A signal's name without `SIG`.
fn signal_text(signal: Sig) -> String {
    match signal {
        Sig::Custom(name) => name,
        // Each variant is named as its signal.
        known => format!("{known:?}"),
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Some(mut parts) = self.parts.take() else {
            return;
        };
        // Without a runtime the connection is gone too.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            let _ = parts.write.close().await;
            let drained = async { while parts.read.wait().await.is_some() {} };
            let _ = tokio::time::timeout(CLOSE_PATIENCE, drained).await;
            drop(parts.permit);
            drop(parts.live);
        });
    }
}
