//! Taking over: a deployment that has started and that nobody runs is gone on with.

use super::DeploymentRecord;
use crate::crash;
use crate::store::append::insert_events;
use crate::store::query::{Bind, Dialects, Query, Transaction, query};
use crate::store::row::Row;
use crate::store::{Store, StoreError};
use windlass_api_types::{DeploymentId, Event, EventBody, Timestamp};

/// The oldest that has started, has not ended, and has no owner. Several servers pass over each other's candidates.
const LEFT: Dialects = Dialects { sqlite: left!(""), postgres: left!(" for update of d skip locked") };

macro_rules! left {
    ($lock:literal) => {
        concat!(
            "select d.id from deployments d
             where d.status in ('running', 'waiting', 'interrupted') and d.started_at is not null and d.owner is null
             order by d.id
             limit 1",
            $lock
        )
    };
}
use left;

impl Store {
    /// Makes `owner` the owner of a deployment that nobody runs, raises its epoch, and appends
    /// `deployment_resumed`. None: there is none.
    pub async fn take_over(&self, owner: &str, now: Timestamp) -> Result<Option<DeploymentRecord>, StoreError> {
        let mut transaction = self.begin().await?;
        let Some(row) = transaction.fetch_optional(query(self.dialect(LEFT))).await? else { return Ok(None) };
        let id: DeploymentId = Row::new(&row, "deployments", "id").parse("id")?;
        let Some(row) = transaction.fetch_optional(taken(id, owner)).await? else { return Ok(None) };
        let seq = Row::new(&row, "deployments", "last_seq").count("last_seq")?;
        let last = last_event_at(&mut transaction, id, seq - 1).await?.unwrap_or(now);
        // The clock of another server may be ahead of this one's.
        let at = now.max(last);
        let idle = u64::try_from(at - last).unwrap_or(0);
        let event = Event {
            deployment_id: id,
            seq,
            at,
            stage_run: None,
            level: None,
            message: String::new(),
            body: EventBody::DeploymentResumed { idle },
        };
        insert_events(&mut transaction, self.inner.backend, id, &[event]).await?;
        crash::at("store.take-over-written");
        transaction.commit().await?;
        crash::at("store.taken-over");
        self.deployment(id).await
    }

    /// Lets go of a deployment, for whoever takes it over. Without effect where somebody else owns it by now.
    pub async fn release_deployment(&self, id: DeploymentId, epoch: u64) -> Result<(), StoreError> {
        let update = query("update deployments set owner = null where id = $1 and epoch = $2");
        self.execute(update.text(id).count(epoch)).await.map(drop)
    }

    /// Lets go of all deployments that have an owner: for a process that knows that the owners have ended.
    pub async fn release_all(&self) -> Result<(), StoreError> {
        let update = query(
            "update deployments set owner = null
             where owner is not null and status in ('running', 'waiting', 'interrupted')",
        );
        self.execute(update).await.map(drop)
    }
}

/// The status stays what the events say: a deployment that waits for a person goes on waiting.
fn taken(id: DeploymentId, owner: &str) -> Query {
    let update = query(
        "update deployments set owner = $2, epoch = epoch + 1, last_seq = last_seq + 1
         where id = $1 and owner is null
         returning last_seq",
    );
    update.text(id).text(owner)
}

async fn last_event_at(
    transaction: &mut Transaction,
    id: DeploymentId,
    seq: u64,
) -> Result<Option<Timestamp>, StoreError> {
    let select = query("select at from events where deployment_id = $1 and seq = $2").text(id).count(seq);
    let row = transaction.fetch_optional(select).await?;
    row.map(|row| Row::new(&row, "events", "at").int("at")).transpose()
}
