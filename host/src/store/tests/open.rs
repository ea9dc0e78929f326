use super::*;
use crate::on_both_databases;
use crate::store::query::{Bind, query};

on_both_databases!(opens_again, refuses_a_newer_schema);

async fn opens_again(database: TestDatabase) {
    let store = database.open().await;
    store.put_setting("greeting", "hello").await.unwrap();
    store.close().await;
    let store = database.open().await;
    store.ping().await.unwrap();
    assert_eq!(store.setting("greeting").await.unwrap().as_deref(), Some("hello"));
    assert_eq!(store.setting_or("greeting", "bye").await.unwrap(), "hello");
}

async fn refuses_a_newer_schema(database: TestDatabase) {
    let store = database.open().await;
    let future = query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         select 9999, 'from the future', success, checksum, 0 from _sqlx_migrations where version = 1",
    );
    store.execute(future).await.unwrap();
    store.close().await;
    let error = Store::open(&database.database).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 9999, known: 8, .. }), "{error}");
    let failure = error.failure();
    assert!(failure.message.ends_with("has schema 9999, this windlass knows schemas up to 8"), "{}", failure.message);
    assert_eq!(failure.hint.as_deref(), Some("start the newer windlass again, or restore a backup made before it"));
}

#[tokio::test]
async fn copies_the_file_before_migrating_it() {
    let database = TestDatabase::sqlite();
    let Database::Sqlite { data_dir } = &database.database else { unreachable!() };
    std::fs::create_dir_all(data_dir).unwrap();
    // A database of an older windlass: it has applied migration 0.
    let store = database.open().await;
    store.put_setting("kept", "yes").await.unwrap();
    store.execute(query("delete from _sqlx_migrations where version > $1").bind(1)).await.unwrap();
    store.execute(query("update _sqlx_migrations set version = $1").bind(0)).await.unwrap();
    store.close().await;
    // Version 0 is not known here, so that the migration itself fails; the copy is there before it does.
    Store::open(&database.database).await.unwrap_err();
    let copy = data_dir.join("windlass.db.before-migration-1");
    std::fs::rename(&copy, data_dir.join("windlass.db")).unwrap();
    for stale in ["windlass.db-wal", "windlass.db-shm"] {
        let _ = std::fs::remove_file(data_dir.join(stale));
    }
    let options = format!("sqlite://{}", data_dir.join("windlass.db").display());
    let pool = sqlx::AnyPool::connect(&options).await.unwrap();
    let kept = sqlx::Executor::fetch_one(&pool, query("select value from settings where key = $1").text("kept")).await;
    assert_eq!(sqlx::Row::get::<String, _>(&kept.unwrap(), 0), "yes");
}

#[tokio::test]
async fn says_which_database_does_not_answer() {
    let directory = tempfile::TempDir::new().unwrap();
    let database = Database::Postgres {
        url: format!("postgres://ada:secret@localhost/shop?host={}", directory.path().display()),
        data_dir: directory.path().join("data"),
    };
    let failure = Store::open(&database).await.unwrap_err().failure();
    assert!(failure.message.starts_with("PostgreSQL database `shop` at localhost cannot be used: "), "{failure}");
    assert!(!failure.message.contains("secret"), "{failure}");
    assert!(failure.retryable);
}

#[tokio::test]
async fn says_which_directory_cannot_be_used() {
    let directory = tempfile::TempDir::new().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Store::open(&Database::Sqlite { data_dir: file.join("data") }).await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot make the directory {}/data: ", file.display())), "{error}");
}
