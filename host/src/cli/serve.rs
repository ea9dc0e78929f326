//! `windlass serve`: the server.

use super::context::Context;
use super::{CliError, Exit};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Loopback: nothing is reachable from elsewhere before somebody says so.
const LISTEN: &str = "127.0.0.1:4680";

/// Serve the web UI and the API
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  windlass serve\n  windlass serve --listen 0.0.0.0:4680 --database-url postgres://windlass@db/windlass"
)]
pub(super) struct Serve {
    /// Address to listen on; put a proxy with TLS before it to serve others
    #[arg(long, env = "WINDLASS_LISTEN", value_name = "ADDRESS", default_value = LISTEN)]
    listen: SocketAddr,
    /// Directory of own plugins; a file dropped there is live at once [default: plugins in the data directory]
    #[arg(long, env = "WINDLASS_PLUGIN_DIR", value_name = "DIR")]
    plugin_dir: Option<PathBuf>,
}

/// What the server is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeOptions {
    pub data_dir: PathBuf,
    /// PostgreSQL; absent: SQLite in the data directory.
    pub database_url: Option<String>,
    pub listen: SocketAddr,
    /// Always given: the data directory's `plugins` where nothing else was said.
    pub plugin_dir: PathBuf,
}

impl Serve {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let data_dir = context.options().data_dir(&context.places)?;
        let plugin_dir = self.plugin_dir.unwrap_or_else(|| data_dir.join("plugins"));
        let database_url = context.options().database_url.clone();
        context.host.serve(ServeOptions { data_dir, database_url, listen: self.listen, plugin_dir }).await?;
        Ok(Exit::Done)
    }
}
