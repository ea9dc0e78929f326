//! Appending to a deployment that nobody runs: the cancel of a queued one, the interruption of those
//! that ran when the server stopped.

use super::appender::{AppendError, Pending};
use super::hub::Events;
use super::{NewEvent, now};
use crate::store::{AppendBatch, DeploymentCache, DeploymentRecord, StoreError};
use windlass_api_types::DeploymentState;

/// How often it is tried again when somebody else appended in between; each time the record is read
/// anew, so that what has become illegal is refused.
const TRIES: u32 = 5;

impl Events {
    /// Appends events to a deployment that has no appender, durably, and answers its state after them.
    /// `Fenced`: somebody runs it by now; look at it again.
    pub async fn append_once(
        &self,
        record: &DeploymentRecord,
        events: &[NewEvent],
    ) -> Result<DeploymentState, AppendError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.try_append_once(record, events).await {
                Err(AppendError::Store(error)) if matches!(*error, StoreError::OutOfStep { .. }) && tries < TRIES => {}
                result => return result,
            }
        }
    }

    async fn try_append_once(
        &self,
        record: &DeploymentRecord,
        events: &[NewEvent],
    ) -> Result<DeploymentState, AppendError> {
        let deployment = record.summary.id;
        let missing = || StoreError::Missing { what: "deployment", id: deployment.to_string() };
        let mut state = self.hub.store.deployment_state(deployment).await?.ok_or_else(missing)?;
        let mut pending = Pending::default();
        for event in events {
            pending.add(event.clone(), now(), deployment, &mut state)?;
        }
        let batch = AppendBatch {
            deployment,
            epoch: record.epoch,
            events: &pending.events,
            cache: &DeploymentCache::from(&state),
            state_writes: &pending.state_writes,
            commands: &pending.commands,
            durable: true,
        };
        self.hub.store.append(&batch).await?;
        self.hub.stored(deployment, state.last_seq);
        Ok(state)
    }
}
