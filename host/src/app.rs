//! The composition root: builds everything once, and passes it down.

use crate::api::{Api, ApiParts, over_local_socket, router};
use crate::auth::Auth;
use crate::dns::Dns;
use crate::engine::{Engine, EngineParts};
use crate::event::Events;
use crate::lease::Lease;
use crate::outbound::Outbound;
use crate::plugin::{Registry, Runtime, Watcher};
use crate::ssh::Ssh;
use crate::store::{Database, Store};
use crate::vault::Vault;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

mod commands;
mod config;
mod identity;
mod init;
mod listen;
mod lock;
mod start_error;

pub use commands::Commands;
pub use config::Config;
pub use start_error::StartError;

use lock::DataLock;

/// The socket in the data directory that serves its owner.
pub const SOCKET: &str = "windlass.sock";

/// What a server is started with.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    pub data_dir: PathBuf,
    /// PostgreSQL; absent: SQLite in the data directory.
    pub database_url: Option<String>,
    /// Absent: only the local socket.
    pub listen: Option<std::net::SocketAddr>,
    /// Absent: `plugins` in the data directory.
    pub plugin_dir: Option<PathBuf>,
    /// Whether deployments run here: not for a command that only looks.
    pub drives: bool,
}

/// A running server: engine, API and local socket. What runs when it is dropped goes on with the next start.
pub struct Server {
    /// Where browsers reach it.
    pub url: Option<String>,
    socket: PathBuf,
    engine: Engine,
    store: Store,
    ssh: Ssh,
    auth: Auth,
    lease: Option<Lease>,
    closing: CancellationToken,
    tasks: TaskTracker,
    _watcher: Option<Watcher>,
    _lock: DataLock,
}

impl Server {
    /// Takes the data directory, opens everything, and serves.
    pub async fn start(options: ServerOptions) -> Result<Self, StartError> {
        let data_dir = &options.data_dir;
        let lock = DataLock::take(data_dir)?;
        let config = Config::read(data_dir)?;
        let listener = listen::tcp(options.listen).await?;
        let url = listener.as_ref().map(listen::url).transpose()?;
        let store = Store::open(&database(&options)).await.map_err(StartError::Store)?;
        let (closing, tasks) = (CancellationToken::new(), TaskTracker::new());
        let events = Events::new(store.clone());
        events.share(&closing, &tasks);
        let registry = open_registry(&options, &config, &store).await?;
        let watcher = watch(&registry);
        let ssh = Ssh::new(config.ssh.transport(data_dir)).map_err(StartError::Ssh)?;
        let outbound = Outbound::new(config.http.tls(data_dir)?);
        let vault = Vault::open(store.clone(), data_dir).map_err(StartError::Vault)?;
        vault.agree().await.map_err(StartError::Vault)?;
        let lease = match options.drives {
            true => {
                let identity = identity::identity(data_dir, config.server.name.as_deref(), url.clone())?;
                let lease = Lease::begin(store.clone(), identity).await.map_err(StartError::Store)?;
                tasks.spawn(closing.clone().run_until_cancelled_owned(lease.clone().keep()));
                Some(lease)
            }
            false => None,
        };
        let engine = Engine::start(EngineParts {
            store: store.clone(),
            events: events.clone(),
            registry: registry.clone(),
            ssh: ssh.clone(),
            dns: Dns::new().map_err(StartError::Dns)?,
            outbound,
            vault: vault.clone(),
            lease: lease.clone(),
            url: url.clone(),
            watches: url.is_some(),
            most_running: config.server.most_running,
        })
        .await
        .map_err(StartError::Engine)?;
        let auth = Auth::new(store.clone());
        let api = Api {
            parts: Arc::new(ApiParts {
                store: store.clone(),
                events,
                engine: engine.clone(),
                registry,
                ssh: ssh.clone(),
                vault,
                auth: auth.clone(),
                url: url.clone(),
            }),
        };
        let routes = router(api);
        let socket = data_dir.join(SOCKET);
        listen::serve_local(&socket, over_local_socket(routes.clone()), &closing, &tasks)?;
        if let Some(listener) = listener {
            listen::serve_tcp(listener, routes, &closing, &tasks);
        }
        Ok(Self { url, socket, engine, store, ssh, auth, lease, closing, tasks, _watcher: watcher, _lock: lock })
    }

    /// The socket that serves the API to the owner of the data directory.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// A one-time link for a browser; nothing where no server listens.
    pub async fn sign_in_link(&self) -> Result<Option<String>, StartError> {
        let Some(url) = &self.url else { return Ok(None) };
        let owner = self.auth.owner().await.map_err(StartError::Store)?;
        let link = self.auth.sign_in_link(&owner, url).await.map_err(StartError::Store)?;
        Ok(Some(link.url))
    }

    /// How many deployments run here.
    pub fn running(&self) -> usize {
        self.engine.running_count()
    }

    /// Takes no new deployments, and waits until those that run have ended and all is stored.
    pub async fn close(self) {
        self.engine.close().await;
        self.end().await;
    }

    /// Lets go of what runs, for another server or the next start, and ends.
    pub async fn hand_over(self) {
        self.engine.hand_over().await;
        self.end().await;
    }

    async fn end(self) {
        self.ssh.close().await;
        self.closing.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        if let Some(lease) = &self.lease {
            lease.end().await;
        }
        self.store.close().await;
        drop(std::fs::remove_file(&self.socket));
    }
}

fn database(options: &ServerOptions) -> Database {
    let data_dir = options.data_dir.clone();
    match &options.database_url {
        Some(url) => Database::Postgres { url: url.clone(), data_dir },
        None => Database::Sqlite { data_dir },
    }
}

async fn open_registry(options: &ServerOptions, config: &Config, store: &Store) -> Result<Registry, StartError> {
    let runtime = Runtime::new(config.plugins.clone()).map_err(|error| StartError::Runtime(error.to_string()))?;
    let directory = options.plugin_dir.clone().unwrap_or_else(|| options.data_dir.join("plugins"));
    let cache = options.data_dir.join("cache");
    Registry::open(runtime, &cache, &directory, Some(store.clone())).await.map_err(StartError::Plugins)
}

/// Without a watcher plugins are found at the next start: that is said, and no reason not to serve.
fn watch(registry: &Registry) -> Option<Watcher> {
    let watcher = Watcher::start(registry.clone());
    watcher
        .inspect_err(
            |error| tracing::warn!(%error, "the plugin directory is not watched; changes are found at the next start"),
        )
        .ok()
}
