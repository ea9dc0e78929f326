//! The plugin `route-preview`: a host name of its own for each deployment, beside the one that always leads to the
//! live release.
//!
//! The proxy finds the port in the *name* of a file, `<directory>/<host name>/<port>`, so that no host name needs a
//! change of its configuration. Caddy from 2.11 on does so with these lines, for all deployments of all projects
//! that share the directory:
//!
//! ```text
//! *.preview.example.com {
//!     @preview file {
//!         root /srv/shop/previews
//!         try_files /{host}/*
//!     }
//!     handle @preview {
//!         map {file_match.relative} {preview} {
//!             ~/([0-9]+)$ "127.0.0.1:${1}"
//!         }
//!         reverse_proxy tcp/{preview}
//!     }
//!     handle {
//!         respond "There is no such preview." 404
//!     }
//! }
//! ```

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_process_kit::RemotePath;
use windlass_sdk::{Context, Error, Result, Stage, UndoFn, control, log, ssh};

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The directory that the proxy looks into, on the target: absolute, or relative to the home directory.
    #[schemars(extend("examples" = ["/srv/shop/previews"]))]
    directory: RemotePath,
    /// The first part of the host name, such as `shop-41`.
    #[schemars(regex(pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"), extend("examples" = ["shop-41"]))]
    name: String,
    /// The rest of it, such as `preview.example.com`. Absent: there are no previews, and nothing is done.
    #[serde(default)]
    #[schemars(regex(pattern = "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"))]
    domain: Option<String>,
    /// The port on the target that requests are to go to.
    #[schemars(range(min = 1), extend("examples" = [3000]))]
    port: u16,
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// The host name; absent where there are no previews.
    host: Option<String>,
}

/// The stage.
#[derive(Debug)]
pub struct RoutePreview;

/// One file is the answer; another attempt may have had another port.
const WRITE: &str = r#"
mkdir -p -- "$ENTRY" && : >"$ENTRY/$PORT" || exit
for other in "$ENTRY"/*; do [ "$other" = "$ENTRY/$PORT" ] || rm -f -- "$other"; done
"#;

impl Stage for RoutePreview {
    const NAME: &'static str = "route-preview";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Gives the deployment a host name of its own";
    type Config = Config;
    type Outputs = Outputs;
    const UNDO: Option<UndoFn<Config>> = Some(undo);

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let Some(host) = host(&config)? else {
            log::info!("there is no preview domain");
            return Ok(Outputs { host: None });
        };
        control::checkpoint(&host)?;
        ssh::script(ctx.target()?, WRITE)
            .named("the script that routes the preview")
            .env("ENTRY", format!("{}/{host}", config.directory))
            .env("PORT", config.port.to_string())
            .idempotent()
            .run()?
            .success()?;
        log::info!("{host} leads to port {}", config.port);
        Ok(Outputs { host: Some(host) })
    }
}

/// The whole host name: what a proxy and a path take as it is.
fn host(config: &Config) -> Result<Option<String>> {
    let Some(domain) = &config.domain else { return Ok(None) };
    let host = format!("{}.{domain}", config.name);
    let label = |label: &str| {
        let plain = label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        plain && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    if host.len() <= 253 && host.split('.').all(label) {
        return Ok(Some(host));
    }
    Err(Error::invalid_input(format!("`{host}` is no host name"))
        .code("bad-host-name")
        .hint("a host name has lower-case letters, digits and dashes between its dots, at most 63 each"))
}

fn undo(ctx: &Context, config: Config) -> Result<()> {
    let Some(host) = ctx.checkpoint::<String>()? else {
        log::info!("nothing was changed");
        return Ok(());
    };
    let entry = format!("{}/{host}", config.directory);
    ssh::command(ctx.target()?).argv(["rm", "-rf", "--", &entry]).idempotent().run()?.success()?;
    log::info!("{host} leads nowhere again");
    Ok(())
}

windlass_sdk::export!(RoutePreview);

#[cfg(test)]
mod tests;
