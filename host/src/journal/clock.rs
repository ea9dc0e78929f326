//! The guest's time: that of the last recorded answer plus one microsecond for each reading, so that a
//! replay reads the same.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use windlass_api_types::Timestamp;

/// Nanoseconds that each reading adds.
const READING: u64 = 1_000;

/// A clock that moves with the record. Starts where the stage run started.
#[derive(Debug)]
pub struct Clock {
    /// Nanoseconds since the Unix epoch.
    now: AtomicU64,
    started: u64,
}

impl Clock {
    /// A clock that starts at a time.
    pub fn starting_at(at: Timestamp) -> Self {
        let started = nanoseconds(at);
        Self { now: AtomicU64::new(started), started }
    }

    /// An answer was recorded at this time. The clock never goes back.
    pub fn answered(&self, at: Timestamp) {
        self.now.fetch_max(nanoseconds(at), Ordering::Relaxed);
    }

    /// Reads the wall clock: the time since the Unix epoch.
    pub fn wall(&self) -> Duration {
        Duration::from_nanos(self.read())
    }

    /// Reads the monotonic clock: nanoseconds since the stage run started.
    pub fn monotonic(&self) -> u64 {
        self.read() - self.started
    }

    fn read(&self) -> u64 {
        self.now.fetch_add(READING, Ordering::Relaxed) + READING
    }
}

fn nanoseconds(at: Timestamp) -> u64 {
    u64::try_from(at).unwrap_or(0) * 1_000_000
}
