//! What every command is given: the host, the options that say where to connect, and the output.

use super::connection::{self, ConnectOptions, Connection, Destination};
use super::settings::Places;
use super::{CliError, Host, Output};
use crate::client::Client;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// A command's surroundings. It connects when a command first asks for the client, so that a mistake
/// in the arguments is told before any engine starts.
pub(super) struct Context {
    pub host: Arc<dyn Host>,
    pub output: Output,
    pub places: Places,
    options: ConnectOptions,
    connection: OnceCell<Connection>,
}

impl Context {
    pub(super) fn new(host: Arc<dyn Host>, options: ConnectOptions, output: Output) -> Self {
        Self { host, output, places: Places::of_user(), options, connection: OnceCell::new() }
    }

    /// The options that were given, not what they amount to.
    pub(super) fn options(&self) -> &ConnectOptions {
        &self.options
    }

    pub(super) async fn client(&self) -> Result<&Client, CliError> {
        Ok(self.connection().await?.client())
    }

    pub(super) async fn connection(&self) -> Result<&Connection, CliError> {
        self.connection
            .get_or_try_init(|| async {
                let destination = Destination::choose(&self.options, &self.places)?;
                connection::connect(destination, self.host.as_ref()).await
            })
            .await
    }

    /// Ends the engine in this process, if a command started it.
    pub(super) async fn close(self) -> Result<(), CliError> {
        match self.connection.into_inner() {
            Some(connection) => connection.close().await,
            None => Ok(()),
        }
    }
}
