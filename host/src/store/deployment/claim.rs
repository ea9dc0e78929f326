//! Claiming: who runs a deployment next, and never two in one environment.

use super::DeploymentRecord;
use crate::store::append::insert_events;
use crate::store::error::Constraint;
use crate::store::query::{Bind, Dialects, Query, Transaction, query};
use crate::store::row::Row;
use crate::store::{LEASE, Store, StoreError};
use windlass_api_types::{DeploymentId, DeploymentStatus, Event, EventBody, ServerId, Timestamp};

/// One deployment holds an environment.
const HOLDER: Constraint = Constraint { postgres: "deployments_holder_key", sqlite: "deployments.environment_id" };

/// How often a claim is tried again when another server was faster. Each try looks for another
/// candidate, so more than a few in a row means that there is nothing left to claim.
const TRIES: u32 = 4;

/// The oldest queued deployment that is the first of its environment's queue, where nobody holds the
/// environment. Several servers pass over each other's candidates.
const CANDIDATE: Dialects = Dialects { sqlite: candidate!(""), postgres: candidate!(" for update of d skip locked") };

macro_rules! candidate {
    ($lock:literal) => {
        concat!(
            "select d.id from deployments d
             where d.status = 'queued'
                 and not exists (
                     select 1 from deployments holder
                     where holder.environment_id = d.environment_id
                         and holder.status in ('running', 'waiting', 'interrupted'))
                 and not exists (
                     select 1 from deployments earlier
                     where earlier.environment_id = d.environment_id
                         and earlier.status = 'queued' and earlier.number < d.number)
             order by d.id
             limit 1",
            $lock
        )
    };
}
use candidate;

impl Store {
    /// Starts the oldest deployment that may run: raises its epoch, makes `owner` its owner and appends
    /// `deployment_started`. None: nothing is waiting for its turn.
    pub async fn claim_next(&self, owner: &str, now: Timestamp) -> Result<Option<DeploymentRecord>, StoreError> {
        for _ in 0..TRIES {
            let mut transaction = self.begin_duty().await?;
            let candidate = transaction.fetch_optional(query(self.dialect(CANDIDATE))).await?;
            let Some(candidate) = candidate else { return Ok(None) };
            let id = Row::new(&candidate, "deployments", "id").parse("id")?;
            match self.start(transaction, id, owner, now).await {
                Ok(true) => return self.deployment(id).await,
                Ok(false) => {}
                Err(error) if error.violates(&HOLDER) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Answers false where the deployment is no longer queued.
    async fn start(
        &self,
        mut transaction: Transaction,
        id: DeploymentId,
        owner: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(row) = transaction.fetch_optional(started(id, owner, now)).await? else { return Ok(false) };
        let seq = Row::new(&row, "deployments", "last_seq").count("last_seq")?;
        let event = Event {
            deployment_id: id,
            seq,
            at: now,
            stage_run: None,
            level: None,
            message: String::new(),
            body: EventBody::DeploymentStarted {},
        };
        insert_events(&mut transaction, self.inner.backend, id, &[event]).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// The oldest deployment that runs or was interrupted and that nobody owns: its server has said that it ends, has
/// started anew, or was silent for too long. Of those that another server is just taking over none.
const ORPHAN: Dialects = Dialects {
    sqlite: orphan!("cast(unixepoch('subsec') * 1000 as integer)", ""),
    postgres: orphan!("cast(extract(epoch from clock_timestamp()) * 1000 as bigint)", " for update of d skip locked"),
};

macro_rules! orphan {
    ($now:literal, $lock:literal) => {
        concat!(
            "select d.id from deployments d
             where d.status in ('running', 'waiting', 'interrupted')
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
    /// Takes over the oldest deployment that has lost its server: raises its epoch, so that whoever wrote to it
    /// is fenced off, and makes `owner` its owner. Its record stays as it is. None: there is none.
    pub async fn take_over(&self, owner: ServerId) -> Result<Option<DeploymentRecord>, StoreError> {
        let mut transaction = self.begin_duty().await?;
        let lease = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
        let orphan = transaction.fetch_optional(query(self.dialect(ORPHAN)).bind(lease).text(owner)).await?;
        let Some(orphan) = orphan else { return Ok(None) };
        let id: DeploymentId = Row::new(&orphan, "deployments", "id").parse("id")?;
        let take = query("update deployments set owner = $2, epoch = epoch + 1 where id = $1").text(id).text(owner);
        transaction.execute(take).await?;
        transaction.commit().await?;
        self.deployment(id).await
    }
}

fn started(id: DeploymentId, owner: &str, now: Timestamp) -> Query {
    let update = query(
        "update deployments set
             status = $2, owner = $3, started_at = $4, epoch = epoch + 1, last_seq = last_seq + 1,
             previous_release_id = (
                 select l.release_id from live l where l.environment_id = deployments.environment_id
                 order by l.since desc, l.deployment_id desc limit 1)
         where id = $1 and status = 'queued'
         returning last_seq",
    );
    update.text(id).text(DeploymentStatus::Running).text(owner).bind(now)
}
