//! Opening the store: connections and what they are set to.

use super::append::Group;
use super::blob::Blobs;
use super::{Backend, Inner, Store, StoreError, migrate};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Executor};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::{fs::DirBuilder, sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// Where the data is kept.
#[derive(Clone, Debug)]
pub enum Database {
    /// A file, and blobs beside it. One process at a time: the caller sees to that.
    Sqlite { data_dir: PathBuf },
    /// A server, which several windlass servers may share; uploads pass through files of `data_dir`.
    Postgres { url: String, data_dir: PathBuf },
}

/// The file that SQLite keeps in the data directory.
pub(super) const SQLITE_FILE: &str = "windlass.db";

/// Readers beside the one writer of SQLite: more than the cores of a small machine gain nothing.
const SQLITE_READERS: u32 = 4;

/// Connections to PostgreSQL for requests. The default of its `max_connections` is 100, for all servers together.
const POSTGRES_CONNECTIONS: u32 = 10;

/// And for events, claims and heartbeats: each running deployment uses one for the moment of a commit.
const DUTY_CONNECTIONS: u32 = 6;

/// Transactions of requests that are open at once: fewer than connections, since some wait for each other's rows,
/// and whoever only reads is to find one. The others wait for their turn, for as long as it takes.
const TURNS: usize = 6;

/// How long a call waits for a connection before it says that the database cannot be used: longer
/// than any transaction of ours, shorter than a browser's patience.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// For each connection to SQLite. `normal` loses at most the last transactions in a power failure, never
/// the database; what must not be lost is committed with `full` (see `append`).
const SQLITE_SETTINGS: &str = "pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on; \
     pragma temp_store = memory; pragma mmap_size = 268435456; pragma cache_size = -16384";

/// In addition for readers: a write that strays to one fails.
const SQLITE_READER_SETTINGS: &str = "pragma query_only = on";

impl Store {
    /// Opens the store and migrates its schema. The directory is made where there is none.
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let inner = match database {
            Database::Sqlite { data_dir } => sqlite(data_dir).await?,
            Database::Postgres { url, data_dir } => postgres(url, data_dir).await?,
        };
        Ok(Self { inner: Arc::new(inner) })
    }
}

async fn sqlite(data_dir: &Path) -> Result<Inner, StoreError> {
    make_private(data_dir)?;
    let file = data_dir.join(SQLITE_FILE);
    let database: Arc<str> = format!("SQLite database {}", file.display()).into();
    let options = sqlite_options(&file)?;
    migrate::sqlite(&options, data_dir, &database).await?;
    let writer = sqlite_pool(1, "").connect_with(options.clone());
    let writer = writer.await.map_err(|error| StoreError::from_sqlx(&database, error))?;
    let reader = sqlite_pool(SQLITE_READERS, SQLITE_READER_SETTINGS).connect_with(options);
    let reader = reader.await.map_err(|error| StoreError::from_sqlx(&database, error))?;
    let group = Group::start(writer.clone(), database.clone());
    let blobs = Blobs::files(data_dir)?;
    let (duty, turns, backend) = (writer.clone(), Arc::new(Semaphore::new(TURNS)), Backend::Sqlite);
    Ok(Inner { backend, database, reader, writer, duty, turns, blobs, listening: None, group: Some(group) })
}

async fn postgres(url: &str, data_dir: &Path) -> Result<Inner, StoreError> {
    make_private(data_dir)?;
    let options = postgres_options(url)?;
    let at = &options.database_url;
    let place = at.host_str().filter(|host| !host.is_empty()).unwrap_or("its local socket");
    let database: Arc<str> = format!("PostgreSQL database `{}` at {place}", at.path().trim_start_matches('/')).into();
    migrate::postgres(&options, &database).await?;
    let listening = listening(&options)?;
    let pool = |connections| {
        let pool = AnyPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT);
        pool.connect_with(options.clone())
    };
    let duty = pool(DUTY_CONNECTIONS).await.map_err(|error| StoreError::from_sqlx(&database, error))?;
    let writer = pool(POSTGRES_CONNECTIONS).await.map_err(|error| StoreError::from_sqlx(&database, error))?;
    let (reader, turns, blobs) = (writer.clone(), Arc::new(Semaphore::new(TURNS)), Blobs::rows(data_dir)?);
    let backend = Backend::Postgres;
    Ok(Inner { backend, database, reader, writer, duty, turns, blobs, listening, group: None })
}

/// The same connection for listening, which the driver for any database cannot do.
fn listening(options: &AnyConnectOptions) -> Result<Option<Box<PgConnectOptions>>, StoreError> {
    let url = &options.database_url;
    let parsed = PgConnectOptions::from_url(url);
    parsed
        .map(Box::new)
        .map(Some)
        .map_err(|source| StoreError::DatabaseUrl { url: without_password(url.as_str()), source })
}

fn sqlite_pool(connections: u32, settings: &'static str) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .min_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A connection to a file does not go away by itself.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                connection.execute(sqlx::raw_sql(SQLITE_SETTINGS)).await?;
                connection.execute(sqlx::raw_sql(settings)).await?;
                Ok(())
            })
        })
}

fn sqlite_options(file: &Path) -> Result<AnyConnectOptions, StoreError> {
    let mut options = parse("sqlite:///?mode=rwc")?;
    // The driver decodes percent signs; the other special characters are encoded by `set_path`.
    options.database_url.set_path(&file.to_string_lossy().replace('%', "%25"));
    Ok(options)
}

fn postgres_options(url: &str) -> Result<AnyConnectOptions, StoreError> {
    let options = parse(url)?;
    match options.database_url.scheme() {
        "postgres" | "postgresql" => Ok(options),
        other => {
            let source = sqlx::Error::Configuration(format!("its scheme is `{other}`, not `postgres`").into());
            Err(StoreError::DatabaseUrl { url: without_password(url), source })
        }
    }
}

fn parse(url: &str) -> Result<AnyConnectOptions, StoreError> {
    let options: Result<AnyConnectOptions, sqlx::Error> = url.parse();
    options.map_err(|source| StoreError::DatabaseUrl { url: without_password(url), source })
}

/// A database URL in a form that may be shown.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(start), Some(end)) if start < end => {
            let user = url[start + 3..end].split(':').next().unwrap_or_default();
            format!("{}{user}{}", &url[..start + 3], &url[end..])
        }
        _ => url.into(),
    }
}

/// Makes a directory that only this user may enter.
pub(super) fn make_private(directory: &Path) -> Result<(), StoreError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.map_err(|source| StoreError::File { action: "make the directory", path: directory.into(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_urls_without_password() {
        let shown = without_password("postgres://windlass:p@ss@db:5432/windlass");
        assert_eq!(shown, "postgres://windlass@db:5432/windlass");
        assert_eq!(without_password("postgres:///windlass"), "postgres:///windlass");
    }

    #[test]
    fn refuses_other_databases() {
        let error = postgres_options("mysql://root@localhost/windlass").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`mysql://root@localhost/windlass` is no database URL: error with configuration: its scheme is `mysql`, not `postgres`"
        );
    }
}
