//! The progress of a transfer, as lines of a log: each layer's states, and all bytes once a second.

use crate::ssh::{OutputSink, OutputStream};
use bollard::models::ProgressDetail;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Between two lines that say how many bytes there are.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Progress<'a> {
    output: &'a mut dyn OutputSink,
    states: HashMap<String, String>,
    bytes: HashMap<String, (i64, i64)>,
    told: Instant,
}

impl<'a> Progress<'a> {
    pub(super) fn new(output: &'a mut dyn OutputSink) -> Self {
        Self { output, states: HashMap::new(), bytes: HashMap::new(), told: Instant::now() }
    }

    /// Takes one event of the engine: what it is about, its state, and how far it is.
    pub(super) async fn tell(&mut self, id: Option<&str>, status: Option<&str>, detail: Option<&ProgressDetail>) {
        let (id, status) = (id.unwrap_or_default(), status.unwrap_or_default());
        if let Some(ProgressDetail { current: Some(current), total: Some(total) }) = detail {
            self.bytes.insert(id.to_owned(), (*current, *total));
            if self.told.elapsed() >= PAUSE {
                let sum = |bytes: fn(&(i64, i64)) -> i64| self.bytes.values().map(bytes).sum::<i64>() as f64 / 1e6;
                let line = format!("{:.1} of {:.1} MB", sum(|bytes| bytes.0), sum(|bytes| bytes.1));
                self.told = Instant::now();
                self.line(&line).await;
            }
        }
        let before = self.states.insert(id.to_owned(), status.to_owned());
        if before.as_deref() == Some(status) || status.is_empty() {
            return;
        }
        let line = if id.is_empty() { status.to_owned() } else { format!("{id}: {status}") };
        self.line(&line).await;
    }

    async fn line(&mut self, line: &str) {
        self.output.write(OutputStream::Stdout, format!("{line}\n").as_bytes()).await;
    }
}
