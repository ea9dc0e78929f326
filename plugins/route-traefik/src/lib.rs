//! The plugin `route-traefik`: tells Traefik where the app is now.
//!
//! In the mode `file` it writes a file of Traefik's file provider, whole and atomically; Traefik takes it without a
//! restart where its own configuration has
//!
//! ```text
//! providers:
//!   file:
//!     directory: /etc/traefik/dynamic
//!     watch: true
//! ```
//!
//! In the mode `labels` it changes nothing: its output `labels` is what `docker-run`, or a compose file, puts on the
//! container, and Traefik's Docker provider goes by them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use windlass_process_kit::RemotePath;
use windlass_sdk::{Context, Error, ErrorKind, Result, Stage, UndoFn, control, files, log, ssh};

mod config;
mod file;
mod labels;

pub use config::Config;
use config::Mode;

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// Where requests go now, `host:port`; absent with labels, since Traefik asks Docker for the container's address.
    upstream: Option<String>,
    /// Where they went before; absent on the first deployment, and with labels.
    previous: Option<String>,
    /// The labels of the container; empty with a file.
    labels: BTreeMap<String, String>,
}

/// What `undo` must know.
#[derive(Debug, Serialize, Deserialize)]
struct Before {
    /// What the file held; absent where there was none.
    contents: Option<String>,
}

/// The stage.
#[derive(Debug)]
pub struct RouteTraefik;

impl Stage for RouteTraefik {
    const NAME: &'static str = "route-traefik";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Has Traefik send the requests to the new instance, by a file or by labels";
    type Config = Config;
    type Outputs = Outputs;
    const UNDO: Option<UndoFn<Config>> = Some(undo);

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let route = config.route(ctx)?;
        let path = match &config.mode {
            Mode::Labels => {
                let labels = labels::labels(&config, &route);
                log::info!("{} labels for Traefik, as the output `labels`", labels.len());
                return Ok(Outputs { upstream: None, previous: None, labels });
            }
            Mode::File => config.file()?,
        };
        let target = ctx.target()?;
        let found = contents(target, path)?;
        // An attempt before this one may have written it: what was there before that counts.
        let before = ctx.checkpoint::<Before>()?.unwrap_or(Before { contents: found });
        control::checkpoint(&before)?;

        let write = files::write(target, path.as_str(), file::document(&config, &route)).parents();
        if config.sudo {
            write.sudo().send()?
        } else {
            write.send()?
        }
        let upstream = config.host.with_port(config.port);
        log::info!("requests for {} go to {upstream}", route.rule);
        let previous = before.contents.as_deref().and_then(file::upstream);
        Ok(Outputs { upstream: Some(upstream), previous, labels: BTreeMap::new() })
    }
}

fn contents(target: &str, path: &RemotePath) -> Result<Option<String>> {
    match files::read(target, path.as_str()) {
        Ok(bytes) => String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| Error::conflict(format!("{path} on {target} holds no text")).hint("name another `file`")),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Sends the requests where they went before.
fn undo(ctx: &Context, config: Config) -> Result<()> {
    let Some(Before { contents }) = ctx.checkpoint::<Before>()? else {
        log::info!("nothing was changed");
        return Ok(());
    };
    let (target, path) = (ctx.target()?, config.file()?.as_str());
    match contents {
        Some(contents) => {
            let write = files::write(target, path, &contents);
            if config.sudo {
                write.sudo().send()?
            } else {
                write.send()?
            }
            log::info!("{path} is as it was");
        }
        None => {
            let remove = ssh::command(target).argv(["rm", "-f", path]).idempotent();
            let remove = if config.sudo { remove.sudo() } else { remove };
            remove.run()?.success()?;
            log::info!("removed {path}, which was not there before");
        }
    }
    Ok(())
}

windlass_sdk::export!(RouteTraefik);

#[cfg(test)]
mod tests;
