//! The plugin `route`: tells the proxy in front of the app where the app is now.
//!
//! The upstream file holds `127.0.0.1:<port>` and nothing else, without a line break: what Caddy from 2.11 on
//! reads for each request where the upstream is `tcp/{file./path/of/the/file}` (without `tcp/` a Caddyfile adds a port). It is
//! replaced atomically, so that no request fails.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_process_kit::{Host, RemotePath};
use windlass_sdk::{Context, Error, ErrorKind, Result, Stage, UndoFn, control, files, log, ssh};

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The file that the proxy reads, on the target: absolute, or relative to the home directory.
    #[schemars(extend("examples" = ["/srv/shop/upstream"]))]
    upstream_file: RemotePath,
    /// The port that requests are to go to.
    #[schemars(range(min = 1), extend("examples" = [3000]))]
    port: u16,
    /// The host that requests are to go to, as the proxy sees it.
    #[serde(default = "default_host")]
    host: Host,
}

fn default_host() -> Host {
    "127.0.0.1".to_owned().try_into().expect("it is an address")
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// Where requests go now, `host:port`.
    upstream: String,
    /// Where they went before; absent on the first deployment.
    previous: Option<String>,
}

/// What `undo` must know.
#[derive(Debug, Serialize, Deserialize)]
struct Before {
    /// What the file held; absent where there was none.
    contents: Option<String>,
}

/// The stage.
#[derive(Debug)]
pub struct Route;

impl Stage for Route {
    const NAME: &'static str = "route";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Sends the requests to the new instance, without losing one";
    type Config = Config;
    type Outputs = Outputs;
    const UNDO: Option<UndoFn<Config>> = Some(undo);

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let target = ctx.target()?;
        let path = config.upstream_file.as_str();
        let found = contents(target, path)?;
        // An attempt before this one may have written it: what was there before that counts.
        let before = ctx.checkpoint::<Before>()?.unwrap_or(Before { contents: found });
        control::checkpoint(&before)?;

        let upstream = config.host.with_port(config.port);
        files::write(target, path, &upstream).parents().send()?;
        log::info!("requests go to {upstream}");
        Ok(Outputs { upstream, previous: before.contents })
    }
}

fn contents(target: &str, path: &str) -> Result<Option<String>> {
    match files::read(target, path) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| {
            Error::conflict(format!("{path} on {target} holds no text")).hint("name another `upstream_file`")
        }),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Sends the requests where they went before.
fn undo(ctx: &Context, config: Config) -> Result<()> {
    let target = ctx.target()?;
    let path = config.upstream_file.as_str();
    match ctx.checkpoint::<Before>()? {
        None => log::info!("nothing was changed"),
        Some(Before { contents: Some(contents) }) => {
            files::write(target, path, &contents).send()?;
            log::info!("requests go to {contents} again");
        }
        Some(Before { contents: None }) => {
            ssh::command(target).argv(["rm", "-f", path]).idempotent().run()?.success()?;
            log::info!("removed {path}, which was not there before");
        }
    }
    Ok(())
}

windlass_sdk::export!(Route);

#[cfg(test)]
mod tests;
