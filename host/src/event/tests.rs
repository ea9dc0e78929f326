//! What appender and stream promise, on both databases.

mod appender;
mod command;
mod once;
mod outage;
mod share;
mod stream;

use super::*;
use crate::store::testing::TestDatabase;
use crate::store::tests::{Fixture, ended};
use crate::store::{DeploymentRecord, Store};
use windlass_api_types::{DeploymentState, DeploymentStatus, Event, EventBody, Level};

/// A deployment that runs, and its appender.
struct Running {
    fixture: Fixture,
    events: Events,
    record: DeploymentRecord,
    appender: Appender,
}

impl Running {
    async fn new(database: TestDatabase) -> Self {
        let fixture = Fixture::new(database).await;
        let events = Events::new(fixture.store.clone());
        let record = fixture.running().await;
        let state = events.state(record.summary.id).await.unwrap().unwrap();
        let appender = events.appender(record.summary.id, record.epoch, state);
        Self { fixture, events, record, appender }
    }

    fn store(&self) -> &Store {
        &self.fixture.store
    }

    /// All events that are stored.
    async fn stored(&self) -> Vec<Event> {
        self.store().events(self.record.summary.id, 0, u32::MAX).await.unwrap()
    }

    async fn succeed(&self) -> u64 {
        let end = NewEvent::of_deployment(ended(DeploymentStatus::Succeeded));
        self.appender.commit(end, Durability::Full).await.unwrap()
    }
}

fn info(text: impl Into<String>) -> NewEvent {
    NewEvent::host_line(None, Level::Info, text)
}

fn decode(batch: &Batch) -> Vec<Event> {
    let events: Vec<Event> = serde_json::from_slice(&batch.events).unwrap();
    assert_eq!(events.first().map(|event| event.seq), Some(batch.first_seq));
    assert_eq!(events.last().map(|event| event.seq), Some(batch.last_seq));
    events
}
