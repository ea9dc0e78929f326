//! A command's output on its way: line by line into the log, its end into the answer.

use super::{Command, Exec, Exit, Output, Repeat, wit};
use crate::capability::{Journal, bytes::Bytes, segment};
use crate::journal::Tee;
use crate::mask::{MaskStream, Masker};
use crate::ssh::{OutputSink, OutputStream};
use futures::future::BoxFuture;
use std::collections::VecDeque;
use windlass_api_types::Level;

/// A longer line goes to the log in pieces of this size, in bytes; at most three less, where a character would be
/// cut.
const LONGEST_LINE: usize = 16 * 1024;

/// Tees lines and keeps tails. The same bytes give the same lines however they arrive: a command that is found
/// again after a crash of the server says all once more, and what is in the log is counted in lines.
pub(in crate::capability) struct Collector {
    tee: Tee,
    level: Option<Level>,
    stdout: Stream,
    stderr: Stream,
}

struct Stream {
    name: OutputStream,
    /// First of all, because a value may be cut by chunks, lines and tails.
    masked: MaskStream,
    line: Vec<u8>,
    tail: VecDeque<u8>,
    keep: usize,
    dropped: u64,
}

/// The end of a stream.
pub(in crate::capability) struct Tail {
    pub(in crate::capability) bytes: Vec<u8>,
    /// How many bytes came before.
    pub(in crate::capability) dropped: u64,
}

impl Collector {
    pub(in crate::capability) fn new(tee: Tee, masker: &Masker, level: Option<Level>, keep: usize) -> Self {
        let stream =
            |name| Stream { name, masked: masker.stream(), line: Vec::new(), tail: VecDeque::new(), keep, dropped: 0 };
        Self { tee, level, stdout: stream(OutputStream::Stdout), stderr: stream(OutputStream::Stderr) }
    }

    /// Logs what is left of both streams, and gives their tails.
    pub(in crate::capability) async fn finish(mut self) -> (Tail, Tail) {
        for stream in [&mut self.stdout, &mut self.stderr] {
            let held = stream.masked.finish();
            stream.take(&held, self.level, &self.tee).await;
            let rest = std::mem::take(&mut stream.line);
            if let (Some(level), false) = (self.level, rest.is_empty()) {
                self.tee.output(level, stream.name, &String::from_utf8_lossy(&rest)).await;
            }
        }
        (self.stdout.tail(), self.stderr.tail())
    }
}

impl Stream {
    async fn take(&mut self, bytes: &[u8], level: Option<Level>, tee: &Tee) {
        self.keep_tail(bytes);
        let Some(level) = level else { return };
        for line in self.lines(bytes) {
            tee.output(level, self.name, &line).await;
        }
    }

    fn keep_tail(&mut self, bytes: &[u8]) {
        self.tail.extend(bytes);
        let excess = self.tail.len().saturating_sub(self.keep);
        self.tail.drain(..excess);
        self.dropped += excess as u64;
    }

    /// The lines that are complete now.
    fn lines(&mut self, bytes: &[u8]) -> Vec<String> {
        self.line.extend_from_slice(bytes);
        let mut lines = Vec::new();
        let mut start = 0;
        while let Some((end, next)) = first_line(&self.line[start..]) {
            lines.push(String::from_utf8_lossy(&self.line[start..start + end]).into_owned());
            start += next;
        }
        self.line.drain(..start);
        lines
    }

    fn tail(self) -> Tail {
        Tail { bytes: self.tail.into(), dropped: self.dropped }
    }
}

/// Where the first line ends and the next one begins; none while more bytes could change that.
fn first_line(bytes: &[u8]) -> Option<(usize, usize)> {
    let window = &bytes[..bytes.len().min(LONGEST_LINE + 1)];
    if let Some(end) = window.iter().position(|byte| *byte == b'\n') {
        return Some((end, end + 1));
    }
    (window.len() > LONGEST_LINE).then(|| {
        let begins_a_character = |at: &usize| bytes[*at] & 0b1100_0000 != 0b1000_0000;
        let cut = (LONGEST_LINE - 3..=LONGEST_LINE).rev().find(begins_a_character).unwrap_or(LONGEST_LINE);
        (cut, cut)
    })
}

impl OutputSink for Collector {
    fn write<'a>(&'a mut self, stream: OutputStream, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let stream = match stream {
                OutputStream::Stdout => &mut self.stdout,
                OutputStream::Stderr => &mut self.stderr,
            };
            let shown = stream.masked.push(bytes);
            stream.take(&shown, self.level, &self.tee).await;
        })
    }

    fn waits<'a>(&'a mut self, target: &'a str, limit: usize) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let line = format!(
                "waiting: {limit} commands run on {target}, as many as `ssh.commands_per_target` in server.toml allows"
            );
            self.tee.line(Level::Warning, &line).await;
        })
    }
}

pub(super) fn from_wit(request: wit::Request, journal: &Journal) -> Exec {
    Exec {
        target: request.target,
        command: match request.command {
            wit::Command::Argv(argv) => Command::Argv(argv),
            wit::Command::Script(script) => Command::Script(script),
        },
        env: request.env.into_iter().map(|(name, value)| (name, segment::list(value, journal))).collect(),
        cwd: request.cwd,
        stdin: segment::list(request.stdin, journal),
        sudo: request.sudo,
        sudo_password: None,
        timeout_ms: request.timeout_ms,
        tee: request.tee.map(Level::from),
        capture_bytes: request.capture_bytes,
        repeat: match request.repeat {
            wit::Repeat::Reattachable => Repeat::Reattachable,
            wit::Repeat::Idempotent => Repeat::Idempotent,
            wit::Repeat::Reads => Repeat::Reads,
        },
        assume: request.assume.map(Output::from),
    }
}

impl From<wit::Output> for Output {
    fn from(output: wit::Output) -> Self {
        Self {
            exit: match output.exit {
                wit::Exit::Status(status) => Exit::Status(status),
                wit::Exit::Signal(signal) => Exit::Signal(signal),
            },
            stdout: Bytes(output.stdout),
            stderr: Bytes(output.stderr),
            stdout_dropped: output.stdout_dropped,
            stderr_dropped: output.stderr_dropped,
        }
    }
}

impl From<Output> for wit::Output {
    fn from(output: Output) -> Self {
        Self {
            exit: match output.exit {
                Exit::Status(status) => wit::Exit::Status(status),
                Exit::Signal(signal) => wit::Exit::Signal(signal),
            },
            stdout: output.stdout.0,
            stderr: output.stderr.0,
            stdout_dropped: output.stdout_dropped,
            stderr_dropped: output.stderr_dropped,
        }
    }
}

#[cfg(test)]
mod tests;
