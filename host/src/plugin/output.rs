//! A guest's standard output and error: lines of the stage's log. Never a matched effect.

use crate::capability::Journal;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use tokio::sync::mpsc;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use windlass_api_types::Level;

/// Lines that wait to be logged. A guest that writes faster waits for a place.
const WAITING_LINES: usize = 1024;

/// One of the two streams of an instance.
#[derive(Clone)]
pub(super) struct LogStream {
    lines: mpsc::Sender<String>,
}

/// Logs what the guest writes, until the guest and its streams are gone.
pub(super) fn log_stream(journal: Journal, level: Level) -> (LogStream, tokio::task::JoinHandle<()>) {
    let (lines, mut waiting) = mpsc::channel::<String>(WAITING_LINES);
    let task = tokio::spawn(async move {
        while let Some(line) = waiting.recv().await {
            // A record that cannot be written is met again by the guest's next effect.
            drop(journal.write(level, &line).await);
        }
    });
    (LogStream { lines }, task)
}

impl IsTerminal for LogStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LogStream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(Lines { lines: self.lines.clone(), partial: Vec::new() })
    }
}

/// Cuts a stream into lines.
struct Lines {
    lines: mpsc::Sender<String>,
    partial: Vec<u8>,
}

/// A line without an end is logged in pieces of this size.
const LONGEST_PIECE: usize = 16 * 1024;

impl Lines {
    fn take_lines(&mut self) {
        while let Some(end) = self.partial.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.partial.drain(..=end).collect();
            self.send(&line[..end]);
        }
        if self.partial.len() >= LONGEST_PIECE {
            let piece = std::mem::take(&mut self.partial);
            self.send(&piece);
        }
    }

    fn send(&self, line: &[u8]) {
        // Full: the guest floods its output; the stage's log has `windlass:log`, which waits.
        drop(self.lines.try_send(String::from_utf8_lossy(line).into_owned()));
    }
}

impl AsyncWrite for Lines {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.partial.extend_from_slice(bytes);
        self.take_lines();
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if !self.partial.is_empty() {
            let rest = std::mem::take(&mut self.partial);
            self.send(&rest);
        }
    }
}
