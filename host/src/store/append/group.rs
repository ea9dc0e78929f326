//! Group commit for SQLite: it takes one writer at a time, so the batches of all deployments that wait
//! for it go into one transaction.

use super::Prepared;
use crate::crash;
use crate::store::query::Transaction;
use crate::store::{Backend, StoreError};
use sqlx::AnyPool;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Batches that wait while a transaction commits. More running deployments than this wait to enqueue,
/// which is the same.
const QUEUE: usize = 256;

/// Batches in one transaction: enough that a sync of the disk is shared by all that wait, few enough
/// (of at most 1,000 events each) that nobody waits for long.
const GROUP: usize = 64;

/// The queue to the task that writes.
pub(in crate::store) struct Group {
    queue: mpsc::Sender<Waiting>,
    database: Arc<str>,
}

struct Waiting {
    batch: Prepared,
    done: oneshot::Sender<Result<(), StoreError>>,
}

impl Group {
    /// Starts the task. It ends when the store is dropped.
    pub(in crate::store) fn start(writer: AnyPool, database: Arc<str>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(write_all(writer, database.clone(), waiting));
        Self { queue, database }
    }

    pub(super) async fn append(&self, batch: Prepared) -> Result<(), StoreError> {
        let (done, answer) = oneshot::channel();
        let gone = |_| StoreError::from_sqlx(&self.database, sqlx::Error::WorkerCrashed);
        if self.queue.send(Waiting { batch, done }).await.is_err() {
            return Err(StoreError::from_sqlx(&self.database, sqlx::Error::WorkerCrashed));
        }
        answer.await.map_err(gone)?
    }
}

async fn write_all(writer: AnyPool, database: Arc<str>, mut waiting: mpsc::Receiver<Waiting>) {
    let mut group = Vec::with_capacity(GROUP);
    while waiting.recv_many(&mut group, GROUP).await > 0 {
        let batches: Vec<&Prepared> = group.iter().map(|waiting| &waiting.batch).collect();
        match write(&writer, &database, &batches).await {
            Ok(answers) => {
                for (waiting, answer) in group.drain(..).zip(answers) {
                    // Who has stopped waiting finds the batch there when it appends again.
                    let _ = waiting.done.send(answer);
                }
            }
            // One by one, so that each learns its own fate. None is there twice: see `explain`.
            Err(_) => {
                for waiting in group.drain(..) {
                    let answer = write(&writer, &database, &[&waiting.batch]).await;
                    let _ = waiting.done.send(answer.and_then(|mut answers| answers.remove(0)));
                }
            }
        }
    }
}

/// Writes batches in one transaction: an answer for each, or an error that undid them all.
async fn write(
    writer: &AnyPool,
    database: &Arc<str>,
    batches: &[&Prepared],
) -> Result<Vec<Result<(), StoreError>>, StoreError> {
    let durable = batches.iter().any(|batch| batch.durable);
    let mut transaction = Transaction::begin_append(writer, database, Backend::Sqlite, durable).await?;
    crash::at("store.append-begun");
    let mut answers = Vec::with_capacity(batches.len());
    for batch in batches {
        match batch.write(&mut transaction, Backend::Sqlite).await {
            Ok(()) => answers.push(Ok(())),
            // These have written nothing.
            Err(error @ (StoreError::Fenced { .. } | StoreError::OutOfStep { .. } | StoreError::Missing { .. })) => {
                answers.push(Err(error));
            }
            Err(error) => return Err(error),
        }
    }
    crash::at("store.append-written");
    transaction.commit().await?;
    crash::at("store.append-committed");
    Ok(answers)
}
