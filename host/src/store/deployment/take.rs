//! Taking over: a deployment that has started and that nobody runs is gone on with.

use super::DeploymentRecord;
use crate::crash;
use crate::store::append::insert_events;
use crate::store::query::{Bind, Dialects, Query, Transaction, query};
use crate::store::row::Row;
use crate::store::{LEASE, Store, StoreError};
use windlass_api_types::{DeploymentId, Event, EventBody, ServerId, Timestamp};

/// The oldest that has started, has not ended, and that nobody owns: its server has said that it ends, has started
/// anew, or was silent for too long. Of those that another server is just taking over none.
const ORPHAN: Dialects = Dialects {
    sqlite: orphan!("cast(unixepoch('subsec') * 1000 as integer)", ""),
    postgres: orphan!("cast(extract(epoch from clock_timestamp()) * 1000 as bigint)", " for update of d skip locked"),
};

macro_rules! orphan {
    ($now:literal, $lock:literal) => {
        concat!(
            "select d.id from deployments d
             where d.status in ('running', 'waiting', 'interrupted') and d.started_at is not null
                 and (d.owner is null or d.owner <> $2)
                 and not exists (
                     select 1 from servers s where s.id = d.owner and s.seen_at >= ",
            $now,
            " - $1)
             order by d.id
             limit 1",
            $lock
        )
    };
}
use orphan;

impl Store {
    /// Takes over the oldest deployment that has lost its server: raises its epoch, so that whoever wrote to it is
    /// fenced off, makes `owner` its owner, and appends `deployment_resumed`. None: there is none.
    pub async fn take_over(&self, owner: ServerId, now: Timestamp) -> Result<Option<DeploymentRecord>, StoreError> {
        let mut transaction = self.begin_duty().await?;
        let lease = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
        let orphan = transaction.fetch_optional(query(self.dialect(ORPHAN)).bind(lease).text(owner)).await?;
        let Some(orphan) = orphan else { return Ok(None) };
        let id: DeploymentId = Row::new(&orphan, "deployments", "id").parse("id")?;
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
}

/// The status stays what the events say: a deployment that waits for a person goes on waiting.
fn taken(id: DeploymentId, owner: ServerId) -> Query {
    let update = query(
        "update deployments set owner = $2, epoch = epoch + 1, last_seq = last_seq + 1
         where id = $1
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
