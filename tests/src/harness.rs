//! What every test stands on: a place of its own with real servers, all of which surely end.

mod api;
mod app;
mod browser;
mod cli;
mod database;
mod files;
mod fixture;
mod fleet;
mod front_door;
mod hold;
mod load;
mod ports;
mod process;
mod program;
mod proxy;
mod running;
mod server;
mod site;
mod skip;
mod sshd;
mod stream;
mod wait;

pub(crate) use api::{Api, ask};
pub(crate) use app::{App, HelloOptions, Version};
pub(crate) use browser::Browser;
pub(crate) use cli::{Output, exit};
pub(crate) use database::Kind;
pub(crate) use files::{Seen, files_below, tree};
pub(crate) use fixture::{component_importing, misbehave, patched, shipped};
pub(crate) use fleet::{Fleet, Machine, REGISTRY};
pub(crate) use hold::WAIT;
pub(crate) use load::Load;
pub(crate) use process::{signal, user};
pub(crate) use program::Program;
pub(crate) use proxy::Proxy;
pub(crate) use server::Server;
pub(crate) use site::Site;
pub(crate) use skip::Missing;
pub(crate) use sshd::make_key;
pub(crate) use stream::Stream;
pub(crate) use wait::until;

/// Declares tests, each an `async fn(&Site)`, once on SQLite and once on PostgreSQL.
macro_rules! on_each_database {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $($crate::harness::test_on!($test, Sqlite);)+
        }
        mod postgres {
            $($crate::harness::test_on!($test, Postgres);)+
        }
    };
}

/// One test, `super::name`, on one database.
macro_rules! test_on {
    ($test:ident, $kind:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            let name = concat!(module_path!(), "::", stringify!($test));
            $crate::harness::run(name, $crate::harness::Kind::$kind, super::$test).await;
        }
    };
}

pub(crate) use on_each_database;
pub(crate) use test_on;

/// Runs a test in a site of its own, and fails on what it leaves behind.
pub(crate) async fn run(name: &str, kind: Kind, test: impl AsyncFnOnce(&Site)) {
    let site = match Site::open(name, kind) {
        Ok(site) => site,
        Err(missing) => return skip::skipped(name, &missing),
    };
    test(&site).await;
    site.close().await;
}
