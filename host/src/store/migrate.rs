//! Migrations, on a connection of their own that is closed before the pools open: a connection that
//! has seen the old schema would go on believing in it.

use super::{StoreError, open::SQLITE_FILE};
use sqlx::any::AnyConnectOptions;
use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::{AnyConnection, ConnectOptions, Connection, Executor};
use std::{path::Path, sync::Arc};

static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

/// Where a database stands.
struct Standing {
    /// The newest migration applied; none: the database is empty.
    applied: Option<i64>,
    /// The newest migration known.
    known: i64,
}

pub(super) async fn sqlite(
    options: &AnyConnectOptions,
    data_dir: &Path,
    database: &Arc<str>,
) -> Result<(), StoreError> {
    let mut connection = connect(options, database).await?;
    let standing = standing(&mut connection, &SQLITE, database).await?;
    if let Some(applied) = standing.applied.filter(|applied| *applied < standing.known) {
        copy(&mut connection, data_dir, applied, database).await?;
    }
    run(connection, &SQLITE, database).await
}

pub(super) async fn postgres(options: &AnyConnectOptions, database: &Arc<str>) -> Result<(), StoreError> {
    let mut connection = connect(options, database).await?;
    // Several servers may start at once. The lock goes with the connection.
    connection.lock().await.map_err(|error| failed(database, error))?;
    standing(&mut connection, &POSTGRES, database).await?;
    run(connection, &POSTGRES, database).await
}

async fn connect(options: &AnyConnectOptions, database: &Arc<str>) -> Result<AnyConnection, StoreError> {
    options.connect().await.map_err(|error| StoreError::from_sqlx(database, error))
}

/// Refuses a schema that is newer than this binary, before anything is touched.
async fn standing(
    connection: &mut AnyConnection,
    migrator: &Migrator,
    database: &Arc<str>,
) -> Result<Standing, StoreError> {
    let failed = |error| failed(database, error);
    connection.ensure_migrations_table(&migrator.table_name).await.map_err(failed)?;
    let applied = connection.list_applied_migrations(&migrator.table_name).await.map_err(failed)?;
    let applied = applied.iter().map(|migration| migration.version).max();
    let known = migrator.iter().map(|migration| migration.version).max().unwrap_or_default();
    match applied {
        Some(found) if found > known => Err(StoreError::NewerSchema { database: database.clone(), found, known }),
        _ => Ok(Standing { applied, known }),
    }
}

/// Keeps the database as it is beside the one that will be migrated. An older copy of the same
/// schema is replaced: it is from a migration that was interrupted.
async fn copy(
    connection: &mut AnyConnection,
    data_dir: &Path,
    applied: i64,
    database: &Arc<str>,
) -> Result<(), StoreError> {
    let copy = data_dir.join(format!("{SQLITE_FILE}.before-migration-{}", applied + 1));
    match std::fs::remove_file(&copy) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            return Err(StoreError::File { action: "replace the copy", path: copy, source });
        }
        _ => {}
    }
    let statement = sqlx::query("vacuum into $1").bind(copy.to_string_lossy().into_owned());
    connection.execute(statement).await.map_err(|error| StoreError::from_sqlx(database, error))?;
    tracing::info!(copy = %copy.display(), "copied the database before migrating it");
    Ok(())
}

async fn run(mut connection: AnyConnection, migrator: &Migrator, database: &Arc<str>) -> Result<(), StoreError> {
    migrator.run_direct(None, &mut connection, false).await.map_err(|error| failed(database, error))?;
    connection.close().await.map_err(|error| StoreError::from_sqlx(database, error))
}

fn failed(database: &Arc<str>, error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) => StoreError::from_sqlx(database, error),
        error => StoreError::Migration { database: database.clone(), source: Box::new(error) },
    }
}
