//! What other servers are told: ids, collected while the last ones were sent.

use super::Shared;
use crate::store::{Told, Topic};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::sleep;
use uuid::Uuid;
use windlass_api_types::DeploymentId;

/// The pause after each transaction that tells something: a commit with a notice takes a lock that is
/// PostgreSQL's one for all, and what a person reads live may come in steps of this.
const PAUSE: Duration = Duration::from_millis(50);

/// The pause after one that failed.
const RETRY: Duration = Duration::from_secs(1);

/// Ids that are to be told. Each once, so that it never holds more than there are deployments.
pub(in crate::event) struct Outbox {
    /// This process: what it says itself it need not hear.
    pub(super) sender: Uuid,
    told: Mutex<Told>,
    wake: Notify,
}

impl Default for Outbox {
    fn default() -> Self {
        Self { sender: Uuid::now_v7(), told: Mutex::default(), wake: Notify::new() }
    }
}

impl Outbox {
    pub(in crate::event) fn put(&self, topic: Topic, deployment: DeploymentId) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.entry(topic).or_default().insert(deployment) {
            self.wake.notify_one();
        }
    }

    fn take(&self) -> Told {
        std::mem::take(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Tells what there is to tell, as long as the hub lives.
pub(super) async fn send(hub: Shared) {
    let Some(outbox) = hub.outbox.get() else { return };
    loop {
        outbox.wake.notified().await;
        let told = outbox.take();
        match hub.store.tell(outbox.sender, &told).await {
            Ok(()) => sleep(PAUSE).await,
            Err(error) => {
                tracing::debug!(%error, "other servers cannot be told; they look for themselves");
                for (topic, ids) in told {
                    ids.into_iter().for_each(|id| outbox.put(topic, id));
                }
                sleep(RETRY).await;
            }
        }
    }
}
