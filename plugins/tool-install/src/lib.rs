//! The plugin `tool-install`: brings a tool to a target, unless it is there and new enough.
//!
//! From the distribution where that has it new enough, else as the program that its makers publish, whose checksum
//! is known here. `windlass target prepare` runs it, by the template `prepare`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_sdk::log::Level;
use windlass_sdk::ssh::{self, Command};
use windlass_sdk::{Context, Error, Result, Stage, files, log};

mod config;
mod facts;
mod way;

pub use config::Config;
use config::{Download, Tool};
use facts::{Facts, Root};
use way::Way;

/// What [`DOWNLOAD`] exits with where the contents are others.
const OTHER_CONTENTS: u32 = 65;
const DOWNLOAD: &str = include_str!("download.sh");
const CADDY_UNIT: &str = include_str!("caddy.service");
const CADDY_UNIT_PATH: &str = "/etc/systemd/system/caddy.service";
const CADDY_SERVICE: &str = include_str!("caddy-service.sh");

/// What the stage answers.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// The version that is there now.
    version: String,
    /// Whether this stage installed it.
    installed: bool,
}

/// The stage.
#[derive(Debug)]
pub struct ToolInstall;

impl Stage for ToolInstall {
    const NAME: &'static str = "tool-install";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Brings Docker, Docker Compose or Caddy to a target, unless it is there";
    type Config = Config;
    type Outputs = Outputs;

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let target = ctx.target()?;
        let tool = config.tool;
        let facts = Facts::ask(target, tool)?;
        let outputs = match &facts.version {
            Some(version) if facts.enough(tool) => {
                log::info!("{tool} {version} is there already");
                if tool == Tool::Docker && !facts.engine {
                    start_engine(target, &facts)?;
                }
                Outputs { version: version.clone(), installed: false }
            }
            _ => Outputs { version: install(target, &config, &facts)?, installed: true },
        };
        if tool == Tool::Docker {
            let_user_in(target, &facts)?;
        }
        Ok(outputs)
    }
}

/// Installs it, and answers the version that is there then.
fn install(target: &str, config: &Config, facts: &Facts) -> Result<String> {
    let tool = config.tool;
    let old = facts.version.as_ref().map(|version| format!("{version} is too old, "));
    log::info!("{tool}: {}{} or newer is needed", old.as_deref().unwrap_or("not there, "), tool.least());
    way::possible(target, config, facts)?;
    let facts = if facts.apt && config.download.is_none() {
        apt(target, facts, &["update"]).idempotent().run()?.success().map_err(no_packages)?;
        Facts::with_candidates(target, tool)?
    } else {
        facts.clone()
    };
    let way = way::choose(target, config, &facts)?;
    let expected = match &way {
        Way::Package { name, version } => {
            log::info!("{tool} {version} comes from {}, as the package {name}", facts.system);
            apt(target, &facts, &["--yes", "install", name]).run()?.success().map_err(no_packages)?;
            version.as_str()
        }
        Way::Program { download, to } => {
            log::info!("{tool} comes from {}", download.url);
            bring(target, &facts, tool, download, to)?;
            if tool == Tool::Caddy {
                serve_caddy(target, &facts)?;
            }
            tool.least()
        }
    };
    let now = Facts::after(target, tool, expected)?;
    match now.version {
        Some(ref version) if now.enough(tool) => {
            log::info!("{tool} {version} is there now");
            Ok(version.clone())
        }
        found => Err(not_there(target, tool, found.as_deref())),
    }
}

fn not_there(target: &str, tool: Tool, found: Option<&str>) -> Error {
    let found = found.map_or_else(|| "none".to_owned(), |version| format!("version {version}"));
    Error::failed(format!("{tool} was installed on {target}, and the target finds {found} of it"))
        .code("not-found-after")
        .hint("see what stands before it in the PATH of the user that Windlass connects as")
}

/// A command of apt, which waits for one that runs already.
fn apt(target: &str, facts: &Facts, words: &[&str]) -> Command {
    let start = ["apt-get", "--quiet", "-o", "DPkg::Lock::Timeout=120"];
    let command = ssh::command(target).argv(start.into_iter().chain(words.iter().copied()));
    as_root(command, facts).env("DEBIAN_FRONTEND", "noninteractive").env("NEEDRESTART_MODE", "a").tee(Level::Info)
}

fn no_packages(error: Error) -> Error {
    error.code("apt-failed").hint("apt's own words are in the log; see that the target reaches its package archive")
}

fn as_root(command: Command, facts: &Facts) -> Command {
    if facts.root == Root::Sudo { command.sudo() } else { command }
}

/// Downloads a program to its place.
fn bring(target: &str, facts: &Facts, tool: Tool, download: &Download, to: &str) -> Result<()> {
    let archive = [".tar.gz", ".tgz"].iter().any(|end| download.url.ends_with(end));
    let command = ssh::script(target, DOWNLOAD)
        .named(format!("download {to} from {}", download.url))
        .env("URL", &download.url)
        .env("CHECKSUM", &download.checksum)
        .env("MEMBER", if archive { tool.as_str() } else { "" })
        .env("TO", to)
        .idempotent();
    let output = as_root(command, facts).run()?;
    if output.status() == Some(OTHER_CONTENTS) {
        let message = format!("{}; nothing was installed on {target}", output.stderr());
        return Err(Error::failed(message)
            .code("checksum")
            .hint("do not use what is there: name another `download`, or install it by hand"));
    }
    output.success().map(drop).map_err(|error| {
        error
            .code("download-failed")
            .hint("where the target does not reach the internet, name a `download` that it does")
    })
}

/// Caddy's own program comes without a service.
fn serve_caddy(target: &str, facts: &Facts) -> Result<()> {
    if !facts.systemd {
        log::warning!("there is no systemd here: see yourself that `caddy run` keeps running");
        return Ok(());
    }
    let unit = files::write(target, CADDY_UNIT_PATH, CADDY_UNIT);
    if facts.root == Root::Sudo {
        unit.sudo().send()?
    } else {
        unit.send()?
    }
    let command = ssh::script(target, CADDY_SERVICE).named("have systemd run Caddy").tee(Level::Info).idempotent();
    as_root(command, facts).run()?.success().map(drop)
}

/// A package starts its service by itself; who stopped it, or has no systemd, is told.
fn start_engine(target: &str, facts: &Facts) -> Result<()> {
    if !facts.systemd || facts.root == Root::No {
        log::warning!("no engine listens at /var/run/docker.sock on {target}: start it, and see that it starts again");
        return Ok(());
    }
    let start = ssh::command(target).argv(["systemctl", "enable", "--now", "docker"]).tee(Level::Info).idempotent();
    as_root(start, facts).run()?.success().map(drop)
}

/// The connection's user must reach the engine.
fn let_user_in(target: &str, facts: &Facts) -> Result<()> {
    let Facts { user, root, docker_group, .. } = facts;
    match root {
        _ if *docker_group => Ok(()),
        Root::Own => Ok(()),
        Root::Sudo => {
            log::info!("{user} joins the group docker, whose members have root's rights on {target}");
            let join = ssh::command(target).argv(["usermod", "--append", "--groups", "docker", user]).sudo();
            join.idempotent().run()?.success().map(drop)
        }
        Root::No => Err(Error::new(
            windlass_sdk::ErrorKind::Denied,
            format!("{user} is not in the group docker on {target}, and may not use sudo to join it"),
        )
        .code("not-in-group")
        .hint(format!("as root on {target}: usermod --append --groups docker {user}"))),
    }
}

windlass_sdk::export!(ToolInstall);

#[cfg(test)]
mod tests;
