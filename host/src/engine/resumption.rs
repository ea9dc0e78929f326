//! What is recorded of a stage run that goes on after its process ended, or after it waited for a person.

use crate::journal::Recorded;
use crate::store::{Store, StoreError};
use std::time::Duration;
use windlass_api_types::{DeploymentId, Event, EventBody, StageRunId, Timestamp};

/// Events read at a time.
const PAGE: u32 = 5_000;

/// Empty for a run that begins.
#[derive(Default)]
pub(super) struct Resumption {
    pub(super) recorded: Recorded,
    /// How long it ran, waits aside: it counts against the stage's timeout.
    pub(super) spent: Duration,
}

impl Resumption {
    /// Reads the record of a stage run.
    pub(super) async fn read(store: &Store, deployment: DeploymentId, run: StageRunId) -> Result<Self, StoreError> {
        let mut recorded = Recorded::default();
        let mut time = Time::default();
        let mut after = 0;
        loop {
            let events = store.run_events(deployment, run, after, PAGE).await?;
            for event in &events {
                recorded.take(event);
                time.take(event);
            }
            match events.last() {
                Some(last) if events.len() == PAGE as usize => after = last.seq,
                _ => return Ok(Self { recorded, spent: Duration::from_millis(time.spent()) }),
            }
        }
    }
}

/// How long a run ran, by its events.
#[derive(Default)]
struct Time {
    before: u64,
    since: Timestamp,
    last: Timestamp,
}

impl Time {
    fn take(&mut self, event: &Event) {
        match &event.body {
            EventBody::StageRunStarted { .. } => (self.since, self.last) = (event.at, event.at),
            EventBody::StageRunResumed { spent } => {
                self.before = *spent;
                (self.since, self.last) = (event.at, event.at);
            }
            // A person's answer comes when it comes.
            EventBody::EffectResolved { .. } => {}
            _ => self.last = event.at,
        }
    }

    /// Milliseconds.
    fn spent(&self) -> u64 {
        self.before + u64::try_from(self.last - self.since).unwrap_or(0)
    }
}
