//! `wasi:clocks` for guests: the journal's time, so that a replay reads the same.

use crate::journal::Clock;
use std::sync::Arc;
use std::time::Duration;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock};

/// Both clocks of one instance.
#[derive(Clone)]
pub(super) struct JournalClock(pub(super) Arc<Clock>);

impl HostWallClock for JournalClock {
    fn resolution(&self) -> Duration {
        Duration::from_micros(1)
    }

    fn now(&self) -> Duration {
        self.0.wall()
    }
}

impl HostMonotonicClock for JournalClock {
    fn resolution(&self) -> u64 {
        1_000
    }

    fn now(&self) -> u64 {
        self.0.monotonic()
    }
}
