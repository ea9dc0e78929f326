//! The database of a test: SQLite in its own data directory, or a database of a PostgreSQL of its own.

use super::skip::Missing;
use std::path::Path;
use windlass::store::testing::Postgres;
use windlass::store::{Database, Store};

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// A fresh, empty database; a PostgreSQL stops when this is dropped.
pub(crate) struct TestDatabase {
    server: Option<Postgres>,
    url: Option<String>,
}

impl TestDatabase {
    pub(crate) fn open(kind: Kind) -> Result<Self, Missing> {
        match kind {
            Kind::Sqlite => Ok(Self { server: None, url: None }),
            Kind::Postgres => {
                let server = Postgres::start().map_err(Missing)?;
                let url = server.create_database();
                Ok(Self { server: Some(server), url: Some(url) })
            }
        }
    }

    /// Where a server keeps its data; none: in SQLite.
    pub(crate) fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The PostgreSQL behind it.
    pub(crate) fn server(&self) -> Option<&Postgres> {
        self.server.as_ref()
    }

    /// Opens the store in this process. Nobody else may have the data directory.
    pub(crate) async fn store(&self, data_dir: &Path) -> Store {
        let data_dir = data_dir.to_owned();
        let database = match self.url.clone() {
            Some(url) => Database::Postgres { url, data_dir },
            None => Database::Sqlite { data_dir },
        };
        Store::open(&database).await.expect("the database of the test opens")
    }
}
