//! Stores for tests: SQLite in a directory of its own, and a real PostgreSQL that the test starts and
//! that surely stops.

mod postgres;

pub use postgres::Postgres;

use super::{Database, Store};
use std::io::Write;
use std::sync::OnceLock;
use tempfile::TempDir;

/// A fresh, empty database for one test.
pub struct TestDatabase {
    pub database: Database,
    // Held for its drop.
    _directory: TempDir,
}

impl TestDatabase {
    /// SQLite in a temporary directory.
    pub fn sqlite() -> Self {
        let directory = TempDir::new().expect("a temporary directory can be made");
        Self { database: Database::Sqlite { data_dir: directory.path().join("data") }, _directory: directory }
    }

    /// A database of this process' PostgreSQL. None, and a line that says so: there is no PostgreSQL here.
    pub fn postgres() -> Option<Self> {
        static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
        let server = SERVER.get_or_init(|| match Postgres::start() {
            Ok(server) => Some(server),
            Err(reason) => {
                skipped("the tests on PostgreSQL", &reason);
                None
            }
        });
        server.as_ref().map(Self::of)
    }

    /// A database of that PostgreSQL.
    pub fn of(server: &Postgres) -> Self {
        let directory = TempDir::new().expect("a temporary directory can be made");
        let database = Database::Postgres { url: server.create_database(), data_dir: directory.path().join("data") };
        Self { database, _directory: directory }
    }

    /// Opens the store.
    pub async fn open(&self) -> Store {
        Store::open(&self.database).await.expect("a fresh database opens")
    }
}

/// Says that a test was skipped, for people and for whoever sums a test run up: its name, a space, why.
pub fn skipped(what: &str, reason: &str) {
    eprintln!("SKIPPED: {what} because {reason}");
    if let Some(path) = std::env::var_os("WINDLASS_SKIPPED_FILE") {
        let thread = std::thread::current();
        let test = thread.name().unwrap_or(what).replace(' ', "-");
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        let written = file.and_then(|mut file| writeln!(file, "{test} {what}: {reason}"));
        written.expect("WINDLASS_SKIPPED_FILE names a file that can be written");
    }
}

/// Declares tests, each an `async fn(TestDatabase)`, for both databases.
#[macro_export]
macro_rules! on_both_databases {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test($crate::store::testing::TestDatabase::sqlite()).await;
                }
            )*
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    if let Some(database) = $crate::store::testing::TestDatabase::postgres() {
                        super::$test(database).await;
                    }
                }
            )*
        }
    };
}
