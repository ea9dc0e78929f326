//! Where a command connects: a server on the network, the one that serves the data directory, or an
//! engine started here for the length of the command.

use super::settings::Places;
use super::{CliError, Host, LocalOptions, LocalServer, Output};
use crate::client::{Client, ServerAddress};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The socket of whoever owns a data directory, within it.
const SOCKET: &str = "windlass.sock";

/// Where to connect.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct ConnectOptions {
    /// The server to talk to [default: that of `windlass login`, else the data directory]
    #[arg(long, global = true, env = "WINDLASS_SERVER", value_name = "URL", help_heading = "Connection")]
    pub server: Option<ServerAddress>,
    /// The API token for --server
    #[arg(
        long,
        global = true,
        env = "WINDLASS_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true,
        help_heading = "Connection"
    )]
    pub token: Option<String>,
    /// Work on this data directory, not on a server elsewhere [default: ~/.local/share/windlass]
    #[arg(long, global = true, env = "WINDLASS_DATA_DIR", value_name = "DIR", help_heading = "Connection")]
    pub data_dir: Option<PathBuf>,
    /// Keep the data in this PostgreSQL database [default: SQLite in the data directory]
    #[arg(
        long,
        global = true,
        env = "WINDLASS_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true,
        help_heading = "Connection"
    )]
    pub database_url: Option<String>,
}

impl ConnectOptions {
    /// The data directory, given or usual.
    pub(super) fn data_dir(&self, places: &Places) -> Result<PathBuf, CliError> {
        self.data_dir.clone().or_else(|| places.data_dir.clone()).ok_or_else(|| {
            CliError::usage("there is no home directory for the data", "set HOME, or pass --data-dir DIR")
        })
    }
}

/// Where a command will connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    Remote { address: ServerAddress, token: Option<String> },
    Local(LocalOptions),
}

impl Destination {
    /// What was given wins over what was saved: `--server`, then `--data-dir`, then the login, then the
    /// usual data directory.
    pub(super) fn choose(options: &ConnectOptions, places: &Places) -> Result<Self, CliError> {
        if let Some(address) = &options.server {
            let token = match &options.token {
                Some(token) => Some(token.clone()),
                None => places.login()?.filter(|login| login.server == address.to_string()).map(|login| login.token),
            };
            return Ok(Self::Remote { address: address.clone(), token });
        }
        if options.data_dir.is_none()
            && options.database_url.is_none()
            && let Some(login) = places.login()?
        {
            let address = login
                .server
                .parse()
                .map_err(|error| CliError::usage(format!("the saved login is wrong: {error}"), "windlass login URL"))?;
            return Ok(Self::Remote { address, token: Some(options.token.clone().unwrap_or(login.token)) });
        }
        let data_dir = options.data_dir(places)?;
        Ok(Self::Local(LocalOptions { data_dir, database_url: options.database_url.clone() }))
    }
}

/// A server to talk to.
pub(super) struct Connection {
    client: Client,
    is_local: bool,
    is_in_process: bool,
    in_process: Mutex<Option<Box<dyn LocalServer>>>,
}

impl Connection {
    fn new(client: Client, is_local: bool, in_process: Option<Box<dyn LocalServer>>) -> Self {
        Self { client, is_local, is_in_process: in_process.is_some(), in_process: Mutex::new(in_process) }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Whether the server sees the same files and the same user's SSH agent as this command.
    pub(super) fn is_local(&self) -> bool {
        self.is_local
    }

    /// Whether what is deployed ends with this process.
    pub(super) fn is_in_process(&self) -> bool {
        self.is_in_process
    }

    /// Gives the engine in this process up: `close` will not wait for what it does.
    pub(super) fn abandon(&self) {
        drop(self.take());
    }

    /// Ends the engine in this process, after the deployments of others that run in it.
    pub(super) async fn close(&self, output: Output) -> Result<(), CliError> {
        let Some(server) = self.take() else { return Ok(()) };
        let waits = move |labels: &[String]| {
            let verb = if labels.len() == 1 { "runs" } else { "run" };
            output.note(&format!("waiting for {}, which {verb} in this process", labels.join(", ")));
        };
        Ok(server.shutdown(Box::new(waits)).await?)
    }

    fn take(&self) -> Option<Box<dyn LocalServer>> {
        self.in_process.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Connects, and starts an engine where nobody serves the data directory.
pub(super) async fn connect(destination: Destination, host: &dyn Host, drives: bool) -> Result<Connection, CliError> {
    let options = match destination {
        Destination::Remote { address, token } => {
            let client = Client::remote(&address, token)?;
            return Ok(Connection::new(client, false, None));
        }
        Destination::Local(options) => options,
    };
    let socket = options.data_dir.join(SOCKET);
    if let Some(client) = served(&socket).await? {
        return Ok(Connection::new(client, true, None));
    }
    match host.start_local(options, drives).await {
        Ok(server) => {
            let client = Client::local(server.socket())?;
            Ok(Connection::new(client, true, Some(server)))
        }
        // Somebody else may have taken the data directory in between.
        Err(failure) => match served(&socket).await? {
            Some(client) => Ok(Connection::new(client, true, None)),
            None => Err(failure.into()),
        },
    }
}

/// A client for the server behind the socket; a socket that a killed server left behind answers nothing.
async fn served(socket: &Path) -> Result<Option<Client>, CliError> {
    if !socket.exists() {
        return Ok(None);
    }
    let client = Client::local(socket)?;
    Ok(client.is_served().await.then_some(client))
}
