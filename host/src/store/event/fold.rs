//! The state of a deployment from its stored events.

use super::read;
use crate::store::query::{Bind, query};
use crate::store::{Store, StoreError};
use windlass_api_types::{DeploymentId, DeploymentState};

/// Events that are held at a time.
const PAGE: u32 = 1_000;

impl Store {
    /// What a deployment's events make of it. None: there is no such deployment.
    ///
    /// Log lines and probes change nothing but the length of the record, so a million of them are
    /// passed over unread.
    pub async fn deployment_state(&self, deployment: DeploymentId) -> Result<Option<DeploymentState>, StoreError> {
        // First, so that what is appended meanwhile is beyond it and is not half seen.
        let Some((_, last_seq)) = self.progress(deployment).await? else { return Ok(None) };
        let mut state = DeploymentState::default();
        loop {
            let select = query(
                "select seq, at, kind, stage_run, level, message, data from events
                 where deployment_id = $1 and seq > $2 and seq <= $3
                     and kind <> 'log_written' and kind <> 'probe_attempted'
                 order by seq limit $4",
            );
            let select = select.text(deployment).count(state.last_seq).count(last_seq).bind(i64::from(PAGE));
            let rows = self.fetch_all(select).await?;
            for row in &rows {
                let event = read(row, deployment)?;
                state.last_seq = event.seq - 1;
                state.apply(&event).map_err(|error| StoreError::Corrupt {
                    table: "events",
                    id: format!("{deployment}/{}", event.seq),
                    reason: error.to_string(),
                })?;
            }
            if rows.len() < PAGE as usize {
                break;
            }
        }
        state.last_seq = last_seq;
        Ok(Some(state))
    }
}
