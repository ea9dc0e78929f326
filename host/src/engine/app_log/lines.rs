//! From what an app writes to the lines that somebody reads.

use super::{Place, Source};
use crate::mask::{MaskStream, Masker};
use crate::ssh::{OutputSink, OutputStream};
use futures::future::BoxFuture;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;
use windlass_api_types::app_log::AppLogLine;
use windlass_api_types::{ErrorKind, Failure};

/// A longer line is split: nobody reads it, and it must not fill the memory.
const LONGEST_LINE: usize = 64 * 1024;

/// Where the lines of a source go.
pub(super) struct Lines {
    lines: mpsc::Sender<AppLogLine>,
    masker: Masker,
    pub(super) source: Source,
    follow: bool,
    /// Lines that a slow reader has missed and was not told of yet.
    missed: AtomicU64,
}

impl Lines {
    pub(super) fn new(lines: mpsc::Sender<AppLogLine>, masker: Masker, source: Source, follow: bool) -> Self {
        Self { lines, masker, source, follow, missed: AtomicU64::new(0) }
    }

    fn new_line(&self) -> AppLogLine {
        let (Place::Container(source) | Place::File(source)) = &self.source.place;
        let (target, source) = (self.source.target.clone(), source.clone());
        AppLogLine { target, source, at: None, stderr: false, text: String::new(), failure: None }
    }

    pub(super) async fn line(&self, at: Option<String>, stderr: bool, text: &str) {
        let text = self.masker.text(text).into_owned();
        self.give(AppLogLine { at, stderr, text, ..self.new_line() }).await;
    }

    pub(super) async fn failed(&self, failure: Failure) {
        self.give(AppLogLine { failure: Some(failure), ..self.new_line() }).await;
    }

    /// Where nobody reads any more, reading ends by itself.
    async fn give(&self, line: AppLogLine) {
        // What has an end is read as fast as it comes.
        if !self.follow {
            let _ = self.lines.send(line).await;
            return;
        }
        // A reader that stands still must not hold up the target's connection, which deployments share.
        let missed = self.missed.swap(0, Ordering::Relaxed);
        if missed > 0 && self.lines.try_send(self.gap(missed)).is_err() {
            self.missed.fetch_add(missed + 1, Ordering::Relaxed);
        } else if self.lines.try_send(line).is_err() {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn gap(&self, missed: u64) -> AppLogLine {
        let message = format!("{missed} lines are left out: they came faster than they were read");
        let failure = Failure::new(ErrorKind::Failed, "lines-missed", message);
        AppLogLine { failure: Some(failure.hint("read them all: windlass app logs --tail")), ..self.new_line() }
    }
}

/// Makes lines of what `tail` writes.
pub(super) struct Text<'a> {
    to: &'a Lines,
    masked: MaskStream,
    line: Vec<u8>,
    complaint: Vec<u8>,
}

impl<'a> Text<'a> {
    pub(super) fn new(to: &'a Lines) -> Self {
        Self { to, masked: to.masker.stream(), line: Vec::new(), complaint: Vec::new() }
    }

    async fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if *byte == b'\n' || self.line.len() >= LONGEST_LINE {
                self.send().await;
            }
            if *byte != b'\n' {
                self.line.push(*byte);
            }
        }
    }

    async fn send(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.to.line(None, false, String::from_utf8_lossy(&line).trim_end_matches('\r')).await;
    }

    /// Gives the last line; answers what was said on standard error.
    pub(super) async fn finish(mut self) -> String {
        let rest = self.masked.finish();
        self.take(&rest).await;
        if !self.line.is_empty() {
            self.send().await;
        }
        String::from_utf8_lossy(&self.complaint).trim().to_owned()
    }
}

impl OutputSink for Text<'_> {
    fn write<'a>(&'a mut self, stream: OutputStream, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            match stream {
                OutputStream::Stdout => {
                    let masked = self.masked.push(bytes);
                    self.take(&masked).await;
                }
                // What `tail -F` says of a file that was replaced is no concern of the reader's.
                OutputStream::Stderr => {
                    self.complaint.extend_from_slice(bytes);
                    self.complaint.truncate(LONGEST_LINE);
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reader_that_stands_still_holds_nobody_up_and_is_told() {
        let source = Source { target: "web-1".into(), place: Place::Container("shop".into()) };
        let (sender, mut lines) = mpsc::channel(2);
        let to = Lines::new(sender, Masker::default(), source, true);
        for number in 0..5 {
            to.line(None, false, &number.to_string()).await;
        }
        let mut said = Vec::new();
        for _ in 0..2 {
            said.push(lines.recv().await.unwrap().text);
        }
        to.line(None, false, "5").await;
        let gap = lines.recv().await.unwrap().failure.unwrap();
        said.push(lines.recv().await.unwrap().text);
        assert_eq!(said, ["0", "1", "5"]);
        assert_eq!(gap.message, "3 lines are left out: they came faster than they were read");
    }
}
