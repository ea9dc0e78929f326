//! What the composition root lends to the command line.

use super::{DemoOptions, ServeOptions};
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use windlass_api_types::Failure;

/// The parts of the program that are not reached over HTTP. Errors are shown to the user as they are.
pub trait Host: Send + Sync {
    /// Starts the engine in this process, serving the API on the data directory's socket only. `drives`: deployments
    /// run in it.
    fn start_local(&self, options: LocalOptions, drives: bool) -> BoxFuture<'_, Result<Box<dyn LocalServer>, Failure>>;

    /// Serves until a signal asks for the end; the end is graceful.
    fn serve(&self, options: ServeOptions) -> BoxFuture<'_, Result<(), Failure>>;

    /// Runs the demo until Ctrl-C, or with `check` until it has shown that it works.
    fn demo(&self, options: DemoOptions) -> BoxFuture<'_, Result<(), Failure>>;

    /// What a `windlass.toml` of a template needs to be told.
    fn questions(&self, template: &str) -> Result<Vec<Question>, Failure>;

    /// The text of an annotated `windlass.toml` to start from.
    fn init(&self, template: &str, answers: &Answers) -> Result<String, Failure>;

    /// The same project with the template's stages written out as its own.
    fn eject(&self, config: &str) -> Result<String, Failure>;
}

/// Where an engine in process keeps its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalOptions {
    pub data_dir: PathBuf,
    /// PostgreSQL; absent: SQLite in the data directory.
    pub database_url: Option<String>,
}

/// An engine running in this process.
pub trait LocalServer: Send {
    /// The unix socket that serves the API.
    fn socket(&self) -> &Path;

    /// Takes no new deployments and ends when those that run have ended. `waits` is told which do where that
    /// takes a while.
    fn shutdown(self: Box<Self>, waits: Waits) -> BoxFuture<'static, Result<(), Failure>>;
}

/// Is told the labels of deployments, such as `shop#41`.
pub type Waits = Box<dyn FnOnce(&[String]) + Send>;

/// One thing that `windlass init` asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The key of the answer, such as `project`, `targets.app` or `options.command`.
    pub key: String,
    /// One sentence.
    pub text: String,
    /// Absent: it must be answered. `${project}` in it is the answer to the question `project`, `${repository}` where
    /// the directory was cloned from.
    pub default: Option<String>,
}

/// Answers by the question's key.
pub type Answers = BTreeMap<String, String>;
