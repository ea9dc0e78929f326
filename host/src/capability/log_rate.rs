//! How fast a guest may log: beyond its limit it waits, so that no line is lost.

use std::time::{Duration, Instant};

/// More reports of progress than this nobody can see.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// A bucket of log bytes that fills at a constant rate and holds one second's worth.
#[derive(Debug)]
pub struct LogRate {
    bytes_per_second: f64,
    available: f64,
    filled: Instant,
    last_progress: Option<Instant>,
}

impl LogRate {
    /// A full bucket.
    pub fn new(bytes_per_second: u64) -> Self {
        let bytes_per_second = bytes_per_second.max(1) as f64;
        Self { bytes_per_second, available: bytes_per_second, filled: Instant::now(), last_progress: None }
    }

    /// Waits until the bucket has room. A message larger than the bucket waits its share and passes.
    pub(super) async fn admit(&mut self, bytes: usize) {
        let now = Instant::now();
        let gained = now.duration_since(self.filled).as_secs_f64() * self.bytes_per_second;
        self.filled = now;
        self.available = (self.available + gained).min(self.bytes_per_second) - bytes as f64;
        if self.available < 0.0 {
            let wait = Duration::from_secs_f64(-self.available / self.bytes_per_second);
            tokio::time::sleep(wait).await;
        }
    }

    /// Whether a report of progress is kept: ten a second, and always the last.
    pub(super) fn progress_is_due(&mut self, last: bool) -> bool {
        let now = Instant::now();
        let due = last || self.last_progress.is_none_or(|at| now.duration_since(at) >= PROGRESS_INTERVAL);
        if due {
            self.last_progress = Some(now);
        }
        due
    }
}
