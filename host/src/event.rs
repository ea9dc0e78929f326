//! Events: how they get into a deployment's record, and how viewers follow it.
//!
//! Everything that happens in a deployment goes through its one [`Appender`]: numbered, folded, stored,
//! and only then shown. A viewer replays the record from the store and then follows what is appended;
//! `seq` is the only position there is, so that a live, a reconnecting and a finished view are one path.

mod appender;
mod changes;
mod channel;
mod hub;
mod new_event;
mod once;
mod share;
mod stream;

pub(crate) use appender::mask_answer;
pub use appender::{AppendError, Appender, Durability, Fence};
pub use changes::{Changed, Changes};
pub use channel::Batch;
pub use hub::Events;
pub use new_event::NewEvent;

use windlass_api_types::Timestamp;

#[cfg(test)]
mod tests;

/// The time that events and rows are stamped with.
pub fn now() -> Timestamp {
    jiff::Timestamp::now().as_millisecond()
}
