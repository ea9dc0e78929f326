//! A followed deployment: its events folded into state, log and effects, each exactly once.

use super::effects::Effects;
use super::log::Log;
use std::collections::BTreeMap;
use windlass_api_types::{DeploymentState, Event, EventBody, IllegalEvent};

/// All that the events so far say.
#[derive(Clone, Debug, Default)]
pub struct Record {
    pub state: DeploymentState,
    pub log: Log,
    pub effects: Effects,
    /// By the name of the rollout.
    pub batches: BTreeMap<String, Vec<Batch>>,
}

/// A batch of a rollout that has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// From 1.
    pub number: u32,
    /// How many there will be.
    pub of: u32,
    pub targets: Vec<String>,
}

/// What some events changed, so that only that is drawn again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub state: bool,
    pub log: bool,
    pub effects: bool,
}

/// Why events could not be taken in; those before the offending one were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// Events are missing after this `seq`: ask for them again from there.
    Gap { after: u64 },
    /// This page does not understand the record.
    Illegal(IllegalEvent),
}

impl Record {
    /// Takes in a batch. What was seen before is dropped, so a stream may repeat itself.
    pub fn take(&mut self, events: &[Event]) -> (Changes, Result<(), NotTaken>) {
        let mut changes = Changes::default();
        for event in events {
            let last = self.state.last_seq;
            if event.seq <= last {
                continue;
            }
            if event.seq > last + 1 {
                return (changes, Err(NotTaken::Gap { after: last }));
            }
            if let Err(illegal) = self.state.apply(event) {
                return (changes, Err(NotTaken::Illegal(illegal)));
            }
            changes.log |= self.log.take(event);
            changes.effects |= self.effects.take(event);
            changes.state |= !matches!(event.body, EventBody::LogWritten { .. });
            if let EventBody::BatchStarted { rollout, batch, batches, targets } = &event.body {
                let batch = Batch { number: *batch, of: *batches, targets: targets.clone() };
                self.batches.entry(rollout.clone()).or_default().push(batch);
            }
        }
        (changes, Ok(()))
    }
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
