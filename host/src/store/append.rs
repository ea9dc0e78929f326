//! Appending to a deployment's record: the one place where a deployment that runs is written.
//!
//! A transaction holds the events, what is cached of them, what they make live and what they write to
//! the state of plugins: all or nothing. It begins with the deployment's row, which both fences off
//! a former owner and sees to it that the record has no gap.

mod group;
mod rows;

pub(super) use group::Group;
pub(super) use rows::insert_events;

use super::query::{Bind, Query, Transaction, query};
use super::row::{Row, document};
use super::{Backend, StateWrite, Store, StoreError, command};
use crate::crash;
use windlass_api_types::deployment::Commit;
use windlass_api_types::{
    CommandId, DeploymentId, DeploymentState, DeploymentStatus, Event, EventBody, FailedBy, Failure, StageStatus,
    Timestamp,
};

/// Events to append, and what follows from them.
#[derive(Debug)]
pub struct AppendBatch<'a> {
    pub deployment: DeploymentId,
    /// The writer's; an older one than the row's is fenced off.
    pub epoch: u64,
    /// In the order of their `seq`, without gaps; the first continues the record. Not empty.
    pub events: &'a [Event],
    /// What the state is after the last of them.
    pub cache: &'a DeploymentCache,
    pub state_writes: &'a [StateWrite],
    /// The commands that became these events: they go in the same transaction, and must be there.
    pub commands: &'a [CommandId],
    /// Whether it must survive a power failure, not only a crash of the server.
    pub durable: bool,
}

/// What the deployment's row caches of its events, for lists and for the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct DeploymentCache {
    pub status: DeploymentStatus,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub failed_stage: Option<String>,
    pub failed_by: Option<FailedBy>,
    pub failure: Option<Failure>,
}

impl From<&DeploymentState> for DeploymentCache {
    fn from(state: &DeploymentState) -> Self {
        Self {
            status: state.status.unwrap_or(DeploymentStatus::Queued),
            started_at: state.started_at,
            ended_at: state.ended_at,
            failed_stage: state.failed_stage.clone(),
            failed_by: state.failed_by,
            failure: state.failure.clone(),
        }
    }
}

/// A batch in the form of the statements' arguments, so that it can wait in a queue.
struct Prepared {
    deployment: DeploymentId,
    epoch: u64,
    /// The `seq` of the last event before the batch, and of the last of it.
    before: u64,
    last: u64,
    /// All events as one document.
    rows: String,
    cache: DeploymentCache,
    /// Targets on which the release went live; empty: the server itself.
    activated: Vec<(String, Timestamp)>,
    state_writes: Vec<StateWrite>,
    commands: Vec<CommandId>,
    /// What a stage says the release was made from.
    commit: Option<Commit>,
    durable: bool,
}

impl Store {
    /// Appends a batch. To append it again after an error that left its fate unknown is right: it is
    /// there once.
    pub async fn append(&self, batch: &AppendBatch<'_>) -> Result<(), StoreError> {
        let Some(prepared) = Prepared::new(batch) else { return Ok(()) };
        match &self.inner.group {
            Some(group) => group.append(prepared).await,
            None => {
                let inner = &self.inner;
                let (backend, durable) = (inner.backend, prepared.durable);
                let mut transaction = Transaction::begin_append(&inner.duty, &inner.database, backend, durable).await?;
                crash::at("store.append-begun");
                prepared.write(&mut transaction, backend).await?;
                crash::at("store.append-written");
                transaction.commit().await?;
                crash::at("store.append-committed");
                Ok(())
            }
        }
    }
}

impl Prepared {
    /// None: the batch is empty.
    fn new(batch: &AppendBatch<'_>) -> Option<Self> {
        let (first, last) = (batch.events.first()?.seq, batch.events.last()?.seq);
        let activated = batch.events.iter().filter_map(|event| match &event.body {
            EventBody::ReleaseActivated { target, .. } => Some((target.clone().unwrap_or_default(), event.at)),
            _ => None,
        });
        Some(Self {
            deployment: batch.deployment,
            epoch: batch.epoch,
            before: first - 1,
            last,
            rows: rows::encode(batch.events),
            cache: batch.cache.clone(),
            activated: activated.collect(),
            state_writes: batch.state_writes.to_vec(),
            commands: batch.commands.to_vec(),
            commit: batch.events.iter().rev().find_map(commit),
            durable: batch.durable,
        })
    }

    /// Writes it all. After `Fenced` and `OutOfStep` the transaction is as it was before.
    async fn write(&self, transaction: &mut Transaction, backend: Backend) -> Result<(), StoreError> {
        if transaction.execute(self.raise()).await? == 0 {
            return self.explain(transaction).await;
        }
        rows::insert(transaction, backend, self.deployment, &self.rows).await?;
        for (target, since) in &self.activated {
            transaction.execute(activate(self.deployment, target, *since)).await?;
        }
        if let Some(commit) = &self.commit {
            transaction.execute(made_from(self.deployment, commit)).await?;
        }
        for write in &self.state_writes {
            write.apply(transaction).await?;
        }
        for command in &self.commands {
            command::take(transaction, self.deployment, *command).await?;
        }
        if self.cache.status.is_terminal() {
            command::forget(transaction, self.deployment).await?;
        }
        Ok(())
    }

    /// The statement that every append begins with.
    fn raise(&self) -> Query {
        let update = query(
            "update deployments set
                 last_seq = $4, status = $5, started_at = $6, ended_at = $7, failed_stage = $8, failed_by = $9,
                 failure = $10, activated_at = coalesce(activated_at, $11)
             where id = $1 and epoch = $2 and last_seq = $3",
        );
        let failure = self.cache.failure.as_ref().map(document);
        update
            .text(self.deployment)
            .count(self.epoch)
            .count(self.before)
            .count(self.last)
            .text(self.cache.status)
            .bind(self.cache.started_at)
            .bind(self.cache.ended_at)
            .optional_text(self.cache.failed_stage.as_ref())
            .optional_text(self.cache.failed_by)
            .bind(failure)
            .bind(self.activated.first().map(|(_, since)| *since))
    }

    /// Why no row was raised: fenced off, out of step, or the same batch is there already, because its
    /// commit went through although nobody heard of it.
    async fn explain(&self, transaction: &mut Transaction) -> Result<(), StoreError> {
        let select = query("select epoch, last_seq from deployments where id = $1").text(self.deployment);
        let row = transaction.fetch_optional(select).await?;
        let missing = || StoreError::Missing { what: "deployment", id: self.deployment.to_string() };
        let row = row.ok_or_else(missing)?;
        let row = Row::new(&row, "deployments", "epoch");
        let found = row.count("last_seq")?;
        if row.count("epoch")? != self.epoch {
            return Err(StoreError::Fenced { deployment: self.deployment });
        }
        match found == self.last && rows::are_stored(transaction, self.deployment, &self.rows).await? {
            true => Ok(()),
            false => Err(StoreError::OutOfStep { deployment: self.deployment, expected: self.before, found }),
        }
    }
}

/// The deployment's release is what runs on the target now.
fn activate(deployment: DeploymentId, target: &str, since: Timestamp) -> Query {
    let upsert = query(
        "insert into live (environment_id, target, release_id, deployment_id, since)
         select environment_id, $2, release_id, id, $3 from deployments where id = $1
         on conflict (environment_id, target) do update set
             release_id = excluded.release_id, deployment_id = excluded.deployment_id, since = excluded.since",
    );
    upsert.text(deployment).text(target).bind(since)
}

/// The commit that a stage that succeeded names by its output `commit`.
fn commit(event: &Event) -> Option<Commit> {
    match &event.body {
        EventBody::StageRunEnded { status: StageStatus::Succeeded, outputs: Some(outputs), .. } => {
            serde_json::from_value(outputs.get("commit")?.clone()).ok()
        }
        _ => None,
    }
}

/// The deployment's release was made from this commit.
fn made_from(deployment: DeploymentId, commit: &Commit) -> Query {
    let update =
        query("update releases set \"commit\" = $2 where id = (select release_id from deployments where id = $1)");
    update.text(deployment).bind(document(commit))
}
