//! Statements and transactions, with the driver's errors sorted in at one place.

use super::{Backend, Store, StoreError};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, AnyPool, Executor};
use std::{fmt::Display, sync::Arc};
use tokio::sync::OwnedSemaphorePermit;

pub(super) type Query = sqlx::query::Query<'static, Any, AnyArguments>;

/// A statement; its text is the same for both databases.
pub(super) fn query(sql: &'static str) -> Query {
    sqlx::query(sql)
}

/// The text of a statement that the two databases spell differently.
#[derive(Clone, Copy)]
pub(super) struct Dialects {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

/// Binds by meaning.
pub(super) trait Bind: Sized {
    /// An id, a word, a digest: whatever its text form is what is stored.
    fn text(self, value: impl Display) -> Self;
    /// A count or a size.
    fn count(self, value: u64) -> Self;
    /// A text that may be absent.
    fn optional_text(self, value: Option<impl Display>) -> Self;
}

impl Bind for Query {
    fn text(self, value: impl Display) -> Self {
        self.bind(value.to_string())
    }

    fn count(self, value: u64) -> Self {
        self.bind(i64::try_from(value).unwrap_or(i64::MAX))
    }

    fn optional_text(self, value: Option<impl Display>) -> Self {
        self.bind(value.map(|value| value.to_string()))
    }
}

/// A transaction of the writer. Dropping it rolls it back.
pub(super) struct Transaction {
    inner: sqlx::Transaction<'static, Any>,
    database: Arc<str>,
    /// Given back with the connection.
    _turn: Option<OwnedSemaphorePermit>,
}

impl Transaction {
    pub(super) async fn begin(pool: &AnyPool, database: &Arc<str>) -> Result<Self, StoreError> {
        let inner = pool.begin().await.map_err(|error| StoreError::from_sqlx(database, error))?;
        Ok(Self { inner, database: database.clone(), _turn: None })
    }

    /// A transaction for events. A durable one is on the disk when its commit returns; the others may be
    /// lost in a power failure, the last ones first and never only in part.
    pub(super) async fn begin_append(
        pool: &AnyPool,
        database: &Arc<str>,
        backend: Backend,
        durable: bool,
    ) -> Result<Self, StoreError> {
        let begin = match durable {
            true => Dialects { sqlite: "pragma synchronous = full; begin", postgres: "begin" },
            false => Dialects {
                sqlite: "pragma synchronous = normal; begin",
                postgres: "begin; set local synchronous_commit = off",
            },
        };
        let inner = pool.begin_with(backend.dialect(begin)).await;
        let inner = inner.map_err(|error| StoreError::from_sqlx(database, error))?;
        Ok(Self { inner, database: database.clone(), _turn: None })
    }

    /// Answers how many rows it changed.
    pub(super) async fn execute(&mut self, query: Query) -> Result<u64, StoreError> {
        let done = (&mut *self.inner).execute(query).await;
        done.map(|done| done.rows_affected()).map_err(|error| StoreError::from_sqlx(&self.database, error))
    }

    pub(super) async fn fetch_optional(&mut self, query: Query) -> Result<Option<AnyRow>, StoreError> {
        let row = (&mut *self.inner).fetch_optional(query).await;
        row.map_err(|error| StoreError::from_sqlx(&self.database, error))
    }

    pub(super) async fn fetch_all(&mut self, query: Query) -> Result<Vec<AnyRow>, StoreError> {
        let rows = (&mut *self.inner).fetch_all(query).await;
        rows.map_err(|error| StoreError::from_sqlx(&self.database, error))
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        self.inner.commit().await.map_err(|error| StoreError::from_sqlx(&self.database, error))
    }

    pub(super) async fn rollback(self) -> Result<(), StoreError> {
        self.inner.rollback().await.map_err(|error| StoreError::from_sqlx(&self.database, error))
    }
}

impl Store {
    /// A transaction that writes what a request is about, when its turn has come.
    pub(super) async fn begin(&self) -> Result<Transaction, StoreError> {
        // Nobody closes the semaphore.
        let turn = self.inner.turns.clone().acquire_owned().await.ok();
        let transaction = Transaction::begin(&self.inner.writer, &self.inner.database).await?;
        Ok(Transaction { _turn: turn, ..transaction })
    }

    /// A transaction that writes what the server owes.
    pub(super) async fn begin_duty(&self) -> Result<Transaction, StoreError> {
        Transaction::begin(&self.inner.duty, &self.inner.database).await
    }

    /// One statement that writes what the server owes; answers how many rows it changed.
    pub(super) async fn execute_duty(&self, query: Query) -> Result<u64, StoreError> {
        let done = (&self.inner.duty).execute(query).await;
        done.map(|done| done.rows_affected()).map_err(|error| self.error(error))
    }

    /// One statement that writes; answers how many rows it changed.
    pub(super) async fn execute(&self, query: Query) -> Result<u64, StoreError> {
        let done = (&self.inner.writer).execute(query).await;
        done.map(|done| done.rows_affected()).map_err(|error| self.error(error))
    }

    /// One statement that writes and answers a row.
    pub(super) async fn execute_returning(&self, query: Query) -> Result<Option<AnyRow>, StoreError> {
        self.inner.writer.fetch_optional(query).await.map_err(|error| self.error(error))
    }

    /// Reads at most one row.
    pub(super) async fn fetch_optional(&self, query: Query) -> Result<Option<AnyRow>, StoreError> {
        self.inner.reader.fetch_optional(query).await.map_err(|error| self.error(error))
    }

    /// Reads all rows; for statements whose answer is bounded by nature or by a `limit`.
    pub(super) async fn fetch_all(&self, query: Query) -> Result<Vec<AnyRow>, StoreError> {
        self.inner.reader.fetch_all(query).await.map_err(|error| self.error(error))
    }

    /// The text for this store's database.
    pub(super) fn dialect(&self, dialects: Dialects) -> &'static str {
        self.inner.backend.dialect(dialects)
    }

    pub(super) fn error(&self, error: sqlx::Error) -> StoreError {
        StoreError::from_sqlx(&self.inner.database, error)
    }
}
