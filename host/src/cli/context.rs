//! What every command is given: the host, the options that say where to connect, and the output.

use super::connection::{self, ConnectOptions, Connection, Destination};
use super::settings::Places;
use super::{CliError, Host, Output};
use crate::client::Client;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A command's surroundings. It connects when a command first asks for the client, so that a mistake
/// in the arguments is told before any engine starts.
pub(super) struct Context {
    pub host: Arc<dyn Host>,
    pub output: Output,
    pub places: Places,
    options: ConnectOptions,
    /// Whether deployments run in this process while the command does.
    drives: bool,
    connection: Mutex<Option<Arc<Connection>>>,
}

impl Context {
    pub(super) fn new(host: Arc<dyn Host>, options: ConnectOptions, output: Output, drives: bool) -> Self {
        Self { host, output, places: Places::of_user(), options, drives, connection: Mutex::default() }
    }

    /// The options that were given, not what they amount to.
    pub(super) fn options(&self) -> &ConnectOptions {
        &self.options
    }

    /// Whether there is anything to connect to but an engine that begins with nothing.
    pub(super) fn has_data(&self) -> bool {
        match Destination::choose(&self.options, &self.places) {
            Ok(Destination::Local(local)) => local.database_url.is_some() || local.data_dir.exists(),
            Ok(Destination::Remote { .. }) => true,
            Err(_) => false,
        }
    }

    pub(super) async fn client(&self) -> Result<Client, CliError> {
        Ok(self.connection().await?.client().clone())
    }

    pub(super) async fn connection(&self) -> Result<Arc<Connection>, CliError> {
        let mut connection = self.connection.lock().await;
        if let Some(connection) = &*connection {
            return Ok(connection.clone());
        }
        let destination = Destination::choose(&self.options, &self.places)?;
        let opened = Arc::new(connection::connect(destination, self.host.as_ref(), self.drives).await?);
        *connection = Some(opened.clone());
        Ok(opened)
    }

    /// Asks a person something. No engine runs in this process meanwhile: others would deploy in it, and
    /// Ctrl-C at the question would end what they deploy.
    pub(super) async fn ask<T>(&self, question: impl FnOnce() -> Result<T, CliError>) -> Result<T, CliError> {
        self.close().await?;
        question()
    }

    /// Ends the engine in this process, if a command started it. Who connects afterwards starts it anew.
    pub(super) async fn close(&self) -> Result<(), CliError> {
        let connection = self.connection.lock().await.take();
        match connection {
            Some(connection) => connection.close(self.output).await,
            None => Ok(()),
        }
    }
}
