//! What the viewers of one deployment share: a ring of encoded batches. A viewer is a position in it,
//! never a queue; one that falls off its end reads the store.

use super::appender::Shared;
use super::hub::Hub;
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::watch;
use windlass_api_types::{DeploymentId, Event, EventBody};

/// What a ring holds, in bytes: some seconds of a busy log, for viewers that are slower than it.
const RING_BYTES: usize = 256 * 1024;

/// Events that go to viewers together.
#[derive(Debug, PartialEq, Eq)]
pub struct Batch {
    pub first_seq: u64,
    pub last_seq: u64,
    /// A JSON array of [`Event`], encoded once for all viewers.
    pub events: Bytes,
    /// Whether the deployment's last event is among them.
    pub ended: bool,
}

/// The channel of one deployment. It lives as long as somebody writes or views.
pub(super) struct Channel {
    deployment: DeploymentId,
    hub: Weak<Hub>,
    ring: Mutex<Ring>,
    /// The `seq` of the last event shown.
    latest: watch::Sender<u64>,
    /// Whoever appends to the deployment in this process.
    writer: Mutex<Weak<Shared>>,
}

/// Batches without a gap between them, the newest last.
#[derive(Default)]
struct Ring {
    batches: VecDeque<Arc<Batch>>,
    bytes: usize,
}

/// Where a viewer finds what comes after its position.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    Here(Arc<Batch>),
    /// It has seen all there is.
    NotYet,
    InStore,
}

impl Channel {
    pub(super) fn new(deployment: DeploymentId, hub: Weak<Hub>) -> Self {
        Self { deployment, hub, ring: Mutex::default(), latest: watch::Sender::new(0), writer: Mutex::new(Weak::new()) }
    }

    /// Shows events that are stored. Without viewers nothing is encoded: one that comes now reads them
    /// from the store, since it registers before it looks there.
    pub(super) fn publish(&self, events: &[Event]) {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return };
        if self.latest.receiver_count() == 0 {
            return self.skip_to(last.seq);
        }
        let batch = Batch {
            first_seq: first.seq,
            last_seq: last.seq,
            events: serde_json::to_vec(events).expect("an event has only string keys").into(),
            ended: matches!(last.body, EventBody::DeploymentEnded { .. }),
        };
        self.ring().push(batch);
        self.latest.send_replace(last.seq);
    }

    /// Shows events that another process stored, to those who follow.
    pub(super) fn show(&self, batch: Batch) {
        let last = batch.last_seq;
        self.ring().push(batch);
        self.latest.send_modify(|latest| *latest = last.max(*latest));
    }

    /// The `seq` of the last event shown; 0: none yet.
    pub(super) fn latest(&self) -> u64 {
        *self.latest.borrow()
    }

    pub(super) fn is_followed(&self) -> bool {
        self.latest.receiver_count() > 0
    }

    /// Says that there are events in the store that were not shown here.
    pub(super) fn skip_to(&self, seq: u64) {
        *self.ring() = Ring::default();
        self.latest.send_replace(seq);
    }

    /// Registers a viewer: it wakes whenever something was shown.
    pub(super) fn follow(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }

    pub(super) fn after(&self, position: u64) -> Place {
        self.ring().after(position)
    }

    pub(super) fn set_writer(&self, writer: &Arc<Shared>) {
        *self.writer.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(writer);
    }

    /// Takes a writer that has stopped out, unless another one is in its place.
    pub(super) fn remove_writer(&self, writer: &Arc<Shared>) {
        let mut current = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if current.as_ptr() == Arc::as_ptr(writer) {
            *current = Weak::new();
        }
    }

    pub(super) fn writer(&self) -> Option<Arc<Shared>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).upgrade()
    }

    fn ring(&self) -> std::sync::MutexGuard<'_, Ring> {
        // A ring is whole between any two statements that touch it.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        if let Some(hub) = self.hub.upgrade() {
            hub.forget(self.deployment);
        }
    }
}

impl Ring {
    /// What another process stored may be read here more than once, and in other pieces than it was shown in.
    fn push(&mut self, batch: Batch) {
        if let Some(newest) = self.batches.back().filter(|newest| newest.last_seq + 1 != batch.first_seq) {
            if batch.last_seq <= newest.last_seq {
                return;
            }
            *self = Self::default();
        }
        self.bytes += batch.events.len();
        self.batches.push_back(Arc::new(batch));
        while self.bytes > RING_BYTES && self.batches.len() > 1 {
            let oldest = self.batches.pop_front();
            self.bytes -= oldest.map_or(0, |batch| batch.events.len());
        }
    }

    fn after(&self, position: u64) -> Place {
        let Some(newest) = self.batches.back() else { return Place::InStore };
        if position >= newest.last_seq {
            return Place::NotYet;
        }
        let next = self.batches.partition_point(|batch| batch.last_seq <= position);
        match self.batches.get(next) {
            Some(batch) if batch.first_seq == position + 1 => Place::Here(batch.clone()),
            // Fallen off, or in the middle of a batch.
            _ => Place::InStore,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(first_seq: u64, last_seq: u64, bytes: usize) -> Batch {
        Batch { first_seq, last_seq, events: vec![b' '; bytes].into(), ended: false }
    }

    #[test]
    fn a_viewer_is_a_position() {
        let mut ring = Ring::default();
        assert_eq!(ring.after(0), Place::InStore);
        ring.push(batch(3, 4, 10));
        ring.push(batch(5, 9, 10));
        assert_eq!(ring.after(1), Place::InStore, "it begins later");
        assert!(matches!(ring.after(2), Place::Here(batch) if batch.first_seq == 3));
        assert_eq!(ring.after(3), Place::InStore, "the middle of a batch");
        assert!(matches!(ring.after(4), Place::Here(batch) if batch.first_seq == 5));
        assert_eq!(ring.after(9), Place::NotYet);
    }

    #[test]
    fn a_ring_has_no_gap_and_no_double() {
        let mut ring = Ring::default();
        ring.push(batch(3, 6, 10));
        ring.push(batch(4, 5, 10));
        ring.push(batch(3, 6, 10));
        assert_eq!(ring.batches.len(), 1, "it has them");
        ring.push(batch(5, 8, 10));
        assert_eq!((ring.batches.len(), ring.bytes), (1, 10), "whoever is in the middle reads the store");
        assert_eq!(ring.after(6), Place::InStore);
        ring.push(batch(11, 12, 10));
        assert_eq!((ring.batches.len(), ring.after(8)), (1, Place::InStore), "there is a gap");
    }

    #[test]
    fn a_ring_is_bounded() {
        let mut ring = Ring::default();
        for seq in 1..=100 {
            ring.push(batch(seq, seq, RING_BYTES / 10));
        }
        assert_eq!(ring.batches.len(), 10);
        assert_eq!(ring.after(89), Place::InStore);
        assert!(matches!(ring.after(90), Place::Here(_)));
        ring.push(batch(101, 101, 2 * RING_BYTES));
        assert_eq!((ring.batches.len(), ring.bytes), (1, 2 * RING_BYTES), "the newest always stays");
    }
}
