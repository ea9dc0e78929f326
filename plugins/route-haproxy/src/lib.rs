//! The plugin `route-haproxy`: tells HAProxy where the app is now, through its admin socket, so that no request fails.
//!
//! HAProxy forgets at its next start, or reload, what it was told at its socket. With `state_file` the stage also
//! writes what HAProxy has then; this is the configuration that reads it, and names a place to start from:
//!
//! ```text
//! global
//!     stats socket /run/haproxy/admin.sock mode 660 level admin
//!     server-state-file /var/lib/haproxy/servers
//! defaults
//!     load-server-state-from-file global
//! backend be
//!     server app localhost:1 init-addr last,libc,none
//! ```
//!
//! HAProxy takes a server's whole address from that file only where it is configured by a name, as above; of one
//! configured by an address it takes the port.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_process_kit::{Address, ProxyName, RemotePath};
use windlass_sdk::{Context, Error, Result, Stage, UndoFn, control, files, log};

mod admin;
mod state;

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// HAProxy's admin socket on the target: absolute, or relative to the home directory.
    #[serde(default = "default_socket")]
    socket: RemotePath,
    /// The backend whose server it is.
    #[schemars(extend("examples" = ["shop"]))]
    backend: ProxyName,
    /// The server that is given another address.
    #[schemars(extend("examples" = ["app"]))]
    server: ProxyName,
    /// The port that requests are to go to.
    #[schemars(range(min = 1), extend("examples" = [3000]))]
    port: u16,
    /// The address that requests are to go to, as HAProxy sees it.
    #[serde(default = "default_address")]
    host: Address,
    /// The file that HAProxy reads when it starts, its `server-state-file`: absolute, or relative to the home
    /// directory. Without it a restart of HAProxy goes back to what its configuration says.
    #[serde(default)]
    state_file: Option<RemotePath>,
    /// Use the socket, and write the file, as root through `sudo -n`.
    #[serde(default)]
    sudo: bool,
}

fn default_socket() -> RemotePath {
    "/run/haproxy/admin.sock".to_owned().try_into().expect("it is a path")
}

fn default_address() -> Address {
    "127.0.0.1".to_owned().try_into().expect("it is an address")
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// Where requests go now, `host:port`.
    upstream: String,
    /// Where they went before, `host:port`.
    previous: Option<String>,
}

/// What `undo` must know: where requests went.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Before {
    address: String,
    port: u16,
}

impl Before {
    fn upstream(&self) -> Result<String> {
        let address = Address::try_from(self.address.clone()).map_err(Error::failed)?;
        Ok(address.with_port(self.port))
    }
}

/// The stage.
#[derive(Debug)]
pub struct RouteHaproxy;

impl Stage for RouteHaproxy {
    const NAME: &'static str = "route-haproxy";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Has HAProxy send the requests to the new instance, without losing one";
    type Config = Config;
    type Outputs = Outputs;
    const UNDO: Option<UndoFn<Config>> = Some(undo);

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let target = ctx.target()?;
        let table = admin::show(target, &config)?;
        let now = state::server(&table, config.backend.as_str(), config.server.as_str())
            .map_err(|error| error.context(target))?;
        can_persist(target, &config, &now)?;
        // An attempt before this one may have set it: what was there before that counts.
        let found = Before { address: now.address, port: now.port };
        let before = ctx.checkpoint::<Before>()?.unwrap_or(found);
        control::checkpoint(&before)?;

        let upstream = config.host.with_port(config.port);
        let table = admin::set(target, &config, &table, config.host.as_str(), config.port)?;
        persist(target, &config, &table)?;
        let (backend, server) = (&config.backend, &config.server);
        log::info!("requests of {backend}/{server} go to {upstream}");
        if state::server(&table, backend.as_str(), server.as_str())?.down {
            log::warning!("HAProxy takes {backend}/{server} for down; its health check decides when requests go there");
        }
        if config.state_file.is_none() {
            log::warning!("a restart of HAProxy forgets this: set `state_file` to its `server-state-file`");
        }
        Ok(Outputs { upstream, previous: Some(before.upstream()?) })
    }
}

/// What a restart would make of another address.
fn can_persist(target: &str, config: &Config, now: &state::Server) -> Result<()> {
    if config.state_file.is_none() || now.by_name || now.address == config.host.as_str() {
        return Ok(());
    }
    let Config { backend, server, host, .. } = config;
    let message = format!(
        "HAProxy on {target} would lose the address {host} of {backend}/{server} when it restarts: it is configured by an \
         address, {}, and takes only the port from its state file",
        now.address
    );
    let hint = format!("in the backend `{backend}` write `server {server} localhost:1 init-addr last,libc,none`");
    Err(Error::conflict(message).code("address-not-kept").hint(hint))
}

/// Writes what HAProxy reads when it starts.
fn persist(target: &str, config: &Config, table: &str) -> Result<()> {
    let Some(path) = &config.state_file else { return Ok(()) };
    let file = files::write(target, path.as_str(), table).parents();
    if config.sudo { file.sudo().send() } else { file.send() }
}

/// Sends the requests where they went before.
fn undo(ctx: &Context, config: Config) -> Result<()> {
    let target = ctx.target()?;
    let Some(before) = ctx.checkpoint::<Before>()? else {
        log::info!("nothing was changed");
        return Ok(());
    };
    let table = admin::show(target, &config)?;
    let table = admin::set(target, &config, &table, &before.address, before.port)?;
    persist(target, &config, &table)?;
    log::info!("requests of {}/{} go to {} again", config.backend, config.server, before.upstream()?);
    Ok(())
}

windlass_sdk::export!(RouteHaproxy);

#[cfg(test)]
mod tests;
