//! The store: all SQL, and the blobs. SQLite in a data directory, or PostgreSQL, behind the same
//! statements.
//!
//! One file per concern, each a block of methods on [`Store`]. Reads go to readers, writes to the
//! writer: with SQLite that is one connection, since it takes one writer at a time anyway and a queue
//! in this process is fairer and quicker than its locks. Everything a deployment does is written by
//! [`Store::append`]; nothing else touches a deployment that runs.

mod append;
mod blob;
mod command;
mod deployment;
mod environment;
mod error;
mod event;
mod grant;
mod health;
mod live;
mod migrate;
mod notice;
mod open;
mod pipeline_revision;
mod plugin;
mod project;
mod query;
mod release;
mod row;
mod secret;
mod server;
mod setting;
mod state;
mod target;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod token;
mod user;
mod variable;
mod zone;

pub use append::{AppendBatch, DeploymentCache};
pub use blob::BlobReader;
pub use command::{Command, CommandKind, NewCommand};
pub use deployment::{DeploymentFilter, DeploymentRecord, NewApproval, NewDeployment};
pub use error::StoreError;
pub use event::{EncodedPage, LogFilter};
pub use health::{LivePlace, WatchKey};
pub use notice::{Listener, Notice, Standing, Told, Topic};
pub use open::Database;
pub use plugin::PluginRecord;
pub use release::{NewRelease, release_label};
pub use secret::{NewSecret, SealedSecret};
pub use server::{LEASE, Registration, ServerIdentity};
pub use state::{StateEntry, StateWrite};
pub use token::NewToken;
pub use user::{SecretHash, User};
pub use zone::SealedZone;

use query::Dialects;
use sqlx::AnyPool;
use sqlx::postgres::PgConnectOptions;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The store. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Backend,
    /// How errors call the database: its kind and where it is, without a password.
    database: Arc<str>,
    reader: AnyPool,
    writer: AnyPool,
    /// For what a server owes: events of what runs here, claims, heartbeats. They never wait for requests.
    duty: AnyPool,
    /// A turn for each transaction that requests may hold open at once.
    turns: Arc<Semaphore>,
    blobs: blob::Blobs,
    /// With PostgreSQL, how a connection for listening is made.
    listening: Option<Box<PgConnectOptions>>,
    /// With SQLite, appends of all deployments share transactions.
    group: Option<append::Group>,
}

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    fn dialect(self, dialects: Dialects) -> &'static str {
        match self {
            Self::Sqlite => dialects.sqlite,
            Self::Postgres => dialects.postgres,
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.inner.database)
    }
}

impl Store {
    /// Asks the database for nothing, to see that it answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.fetch_optional(query::query("select 1")).await.map(drop)
    }

    /// Closes all connections, after those in use have been given back. Later calls are refused.
    pub async fn close(&self) {
        self.inner.duty.close().await;
        self.inner.writer.close().await;
        self.inner.reader.close().await;
    }
}

#[cfg(test)]
pub(crate) mod tests;
