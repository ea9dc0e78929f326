//! Claiming: who runs a deployment next, and never two in one environment.

use super::DeploymentRecord;
use crate::crash;
use crate::store::append::insert_events;
use crate::store::error::Constraint;
use crate::store::query::{Bind, Dialects, Query, Transaction, query};
use crate::store::row::Row;
use crate::store::{Store, StoreError};
use sqlx::any::AnyRow;
use std::collections::BTreeMap;
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
                         and (holder.status in ('running', 'interrupted')
                             or holder.status = 'waiting' and holder.started_at is not null))
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
    pub async fn claim_next(&self, owner: ServerId, now: Timestamp) -> Result<Option<DeploymentRecord>, StoreError> {
        self.claim_next_by(owner, || now).await
    }

    /// The same by a clock, which is asked when the environment was seen to be free: so that no deployment starts
    /// before the one before it has ended.
    pub async fn claim_next_by(
        &self,
        owner: ServerId,
        clock: impl Fn() -> Timestamp,
    ) -> Result<Option<DeploymentRecord>, StoreError> {
        for _ in 0..TRIES {
            let mut transaction = self.begin_duty().await?;
            let candidate = transaction.fetch_optional(query(self.dialect(CANDIDATE))).await?;
            let Some(candidate) = candidate else { return Ok(None) };
            let id = Row::new(&candidate, "deployments", "id").parse("id")?;
            match self.start(transaction, id, owner, clock()).await {
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
        owner: ServerId,
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
            body: EventBody::DeploymentStarted { live: live(&mut transaction, id).await? },
        };
        insert_events(&mut transaction, self.inner.backend, id, &[event]).await?;
        crash::at("store.claim-written");
        transaction.commit().await?;
        crash::at("store.claimed");
        Ok(true)
    }
}

/// Labels of what is live in a deployment's environment, by target; an empty name is the server itself.
async fn live(transaction: &mut Transaction, deployment: DeploymentId) -> Result<BTreeMap<String, String>, StoreError> {
    let select = query(
        "select l.target, r.label from live l
         join releases r on r.id = l.release_id
         join deployments d on d.environment_id = l.environment_id
         where d.id = $1",
    );
    let rows = transaction.fetch_all(select.text(deployment)).await?;
    let read = |row: &AnyRow| {
        let row = Row::new(row, "live", "target");
        Ok((row.text("target")?, row.text("label")?))
    };
    rows.iter().map(read).collect()
}

fn started(id: DeploymentId, owner: ServerId, now: Timestamp) -> Query {
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
