//! Where the output of a command goes.

use futures::future::BoxFuture;
use tokio::sync::watch;
pub use windlass_api_types::OutputStream;

use super::command::Token;
use super::opening::{self, Opening, Seeker};

/// Takes a command's output while it runs, in the order of its arrival; the command waits while
/// `write` does.
///
/// All that use the target's connection wait too once the network's buffers are full (about 3 MB), so
/// `write` must not depend on anything done over the same connection.
pub trait OutputSink: Send {
    fn write<'a>(&'a mut self, stream: OutputStream, bytes: &'a [u8]) -> BoxFuture<'a, ()>;

    /// The command waits, and has for a while: as many as `limit` run on the target already.
    fn waits<'a>(&'a mut self, _target: &'a str, _limit: usize) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Keeps the beginning of both streams in memory.
#[derive(Debug, Default)]
pub struct Capture {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    limit: usize,
}

impl Capture {
    /// Keeps up to `limit` bytes of each stream and drops the rest.
    pub fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Keeps what there is room for.
    pub(super) fn keep(&mut self, stream: OutputStream, bytes: &[u8]) {
        let kept = match stream {
            OutputStream::Stdout => &mut self.stdout,
            OutputStream::Stderr => &mut self.stderr,
        };
        let room = self.limit.saturating_sub(kept.len()).min(bytes.len());
        kept.extend_from_slice(&bytes[..room]);
    }
}

impl OutputSink for Capture {
    fn write<'a>(&'a mut self, stream: OutputStream, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        self.keep(stream, bytes);
        Box::pin(std::future::ready(()))
    }
}

/// How much of each stream has been passed on, over all connections that a command has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) stdout: u64,
    pub(super) stderr: u64,
}

/// Passes one run's output on, from its opening line on.
pub(super) struct Reception<'a> {
    sink: &'a mut dyn OutputSink,
    seen: &'a mut Seen,
    stdout: Option<Seeker>,
    stderr: Option<Seeker>,
    /// What came before the token on standard error: a `sudo` that refuses repeats the command, token and all.
    before: String,
    opening: watch::Sender<Option<Opening>>,
}

impl<'a> Reception<'a> {
    pub(super) fn new(token: &Token, sink: &'a mut dyn OutputSink, seen: &'a mut Seen) -> Self {
        Self {
            sink,
            seen,
            stdout: Some(Seeker::new(token.clone())),
            stderr: Some(Seeker::new(token.clone())),
            before: String::new(),
            opening: watch::Sender::new(None),
        }
    }

    /// The opening line, as soon as it has arrived.
    pub(super) fn opening(&self) -> watch::Receiver<Option<Opening>> {
        self.opening.subscribe()
    }

    pub(super) async fn take(&mut self, stream: OutputStream, bytes: &[u8]) {
        let seeker = match stream {
            OutputStream::Stdout => &mut self.stdout,
            OutputStream::Stderr => &mut self.stderr,
        };
        match seeker {
            None => self.pass(stream, bytes).await,
            Some(waiting) => {
                let Some(found) = waiting.feed(bytes) else {
                    return;
                };
                if stream == OutputStream::Stdout {
                    self.stdout = None;
                    self.opening.send_replace(opening::parse(&found));
                } else {
                    self.before = waiting.noise();
                    self.stderr = None;
                }
                self.pass(stream, &found.rest).await;
            }
        }
    }

    async fn pass(&mut self, stream: OutputStream, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        match stream {
            OutputStream::Stdout => self.seen.stdout += bytes.len() as u64,
            OutputStream::Stderr => self.seen.stderr += bytes.len() as u64,
        }
        self.sink.write(stream, bytes).await;
    }

    /// What the target said instead of opening: why a login shell or `sudo` refused.
    pub(super) fn complaint(&self) -> String {
        let said = |seeker: &Option<Seeker>| seeker.as_ref().map(Seeker::noise).unwrap_or_default();
        let (stderr, stdout) = (said(&self.stderr) + &self.before, said(&self.stdout));
        if stderr.is_empty() { stdout } else { stderr }
    }
}
