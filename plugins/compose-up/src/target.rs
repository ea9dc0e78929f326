//! The scripts that do it on the target.

use crate::config::Check;
use crate::failure;
use crate::{Before, Config};
use windlass_process_kit::{Environment, report};
use windlass_sdk::log::Level;
use windlass_sdk::ssh::{self, Command, Output};
use windlass_sdk::{Context, Result};

/// What every script begins with.
const COMMON: &str = include_str!("scripts/common.sh");
/// The port of a dry run, which starts nothing that could publish one.
const ASSUMED_PORT: u16 = 80;

/// The service on a target.
pub(crate) struct Target<'a> {
    ctx: &'a Context,
    config: &'a Config,
    name: &'a str,
    /// The names of the variables.
    names: String,
}

/// What is there before.
pub(crate) struct Found {
    pub(crate) file: bool,
    pub(crate) images: Vec<String>,
}

/// What runs afterwards.
pub(crate) struct Running {
    pub(crate) port: Option<u16>,
    pub(crate) containers: Vec<String>,
    /// The target's time, RFC 3339; none in a dry run.
    pub(crate) at: Option<String>,
}

impl<'a> Target<'a> {
    pub(crate) fn new(ctx: &'a Context, config: &'a Config, variables: &Environment) -> Result<Self> {
        let names = variables.keys().map(String::as_str).collect::<Vec<_>>().join(" ");
        Ok(Self { ctx, config, name: ctx.target()?, names })
    }

    /// Sees whether Docker Compose can be used, and that the service is nobody else's.
    pub(crate) fn look(&self) -> Result<Found> {
        let look = self.script("the look at Docker Compose", include_str!("scripts/look.sh")).reads();
        let output = self.done(look.run()?)?;
        let said = report(&output);
        let first = |key: &str| said.get(key).and_then(|values| values.first());
        let owner = self.owner();
        if let Some(other) = first("owner").filter(|found| **found != owner) {
            return Err(failure::owned(self.name, self.config, other, &owner));
        }
        if let Some(elsewhere) = first("elsewhere") {
            return Err(failure::elsewhere(self.name, self.config, elsewhere));
        }
        windlass_sdk::log::info!(
            "Docker {} with Compose {}",
            first("engine").map_or("?", String::as_str),
            first("compose").map_or("?", String::as_str)
        );
        Ok(Found { file: first("file").is_some(), images: said.get("image").cloned().unwrap_or_default() })
    }

    /// Keeps what is there for `undo`; answers the target's time.
    pub(crate) fn keep(&self, there: bool) -> Result<String> {
        let keep = self.script("the script that keeps the compose file from before", include_str!("scripts/keep.sh"));
        let keep = keep.env("W_OWNER", self.owner()).env("W_THERE", yes(there)).idempotent();
        let output = self.done(keep.run()?)?;
        Ok(report(&output).remove("now").and_then(|mut now| now.pop()).unwrap_or_default())
    }

    /// Finds the compose file, in the release or on the target, and has Compose read it; answers its name.
    pub(crate) fn check(&self, release: bool) -> Result<String> {
        let label = if release { self.ctx.release.label.as_str() } else { "" };
        let file = self.config.file();
        let check = self
            .script("the check of the compose file", include_str!("scripts/check.sh"))
            .env("W_RELEASE", label)
            .env("W_OVERRIDE", self.config.override_text())
            .assume(Output::ok(format!("from={file}\n")))
            .idempotent();
        let output = self.done(check.run()?)?;
        output.stderr().lines().for_each(|line| windlass_sdk::log::warning!("{line}"));
        Ok(report(&output).remove("from").and_then(|mut from| from.pop()).unwrap_or(file))
    }

    pub(crate) fn pull(&self, from: &str) -> Result<()> {
        let script = "cd \"$W_DIR\" && compose \"$W_FROM\" \"$W_SERVICE/override.new\" pull --ignore-buildable";
        let pull = self.script(format!("docker compose -p {} pull", self.config.project_name()), script);
        let output = pull.env("W_FROM", from).tee(Level::Info).idempotent().run()?;
        failure::pulled(self.name, self.config, output)
    }

    pub(crate) fn up(&self, from: &str) -> Result<()> {
        let up = format!("docker compose -p {} up", self.config.project_name());
        let up = self.script(up, include_str!("scripts/up.sh")).env("W_FROM", from).tee(Level::Info);
        let output = up.run()?;
        match output.status() {
            Some(failure::NOT_WRITTEN) => self.done(output).map(drop),
            // Compose's own statuses.
            _ => failure::started(self.name, self.config, output),
        }
    }

    /// Watches the containers for a while. What they wrote since then goes to the log.
    pub(crate) fn watch(&self, since: &str) -> Result<()> {
        let watch = self
            .script("the look at the containers", include_str!("scripts/watch.sh"))
            .env("W_SINCE", since)
            .env("W_SETTLE", self.config.settle_seconds.to_string())
            .env("W_WAIT", self.config.wait_seconds.to_string());
        self.done(watch.tee(Level::Info).idempotent().run()?).map(drop)
    }

    /// What runs now.
    pub(crate) fn running(&self) -> Result<Running> {
        let service = self.config.container();
        let needs_port = self.config.check == Check::Http;
        let assumed = if needs_port { format!("port={service} 80/tcp {ASSUMED_PORT}\n") } else { String::new() };
        let look = self.script("the look at what runs", include_str!("scripts/ports.sh"));
        let output = self.done(look.assume(Output::ok(assumed)).reads().run()?)?;
        let mut said = report(&output);
        let port = self.config.port.or_else(|| port_of(service, &said.remove("port").unwrap_or_default()));
        if port.is_none() && needs_port {
            return Err(failure::no_port(self.name, self.config));
        }
        let containers = said.remove("container").unwrap_or_default();
        Ok(Running {
            port,
            containers: containers.iter().map(|name| name.trim_start_matches('/').to_owned()).collect(),
            at: said.remove("now").and_then(|mut now| now.pop()),
        })
    }

    pub(crate) fn down(&self) -> Result<()> {
        let down = format!("docker compose -p {} down", self.config.project_name());
        self.done(self.script(down, include_str!("scripts/down.sh")).tee(Level::Info).idempotent().run()?).map(drop)
    }

    /// Puts the files back, and the containers if `up` says so.
    pub(crate) fn restore(&self, before: &Before, up: bool) -> Result<()> {
        let label = self.ctx.release.label.as_str();
        // One that is live here stays.
        let live = self.ctx.previous_release.as_ref().is_some_and(|release| release.label == label);
        let restore = self
            .script("the script that brings back what ran before", include_str!("scripts/restore.sh"))
            .env("W_THERE", yes(before.file))
            .env("W_RELEASE", if live { "" } else { label })
            .env("W_UP", yes(up))
            .env("W_IMAGES", before.images.join("\n"));
        self.done(restore.tee(Level::Info).run()?).map(drop)
    }

    fn owner(&self) -> String {
        format!("{}/{}", self.ctx.project, self.ctx.environment)
    }

    fn script(&self, name: impl Into<String>, body: &str) -> Command {
        let Self { ctx, config, names, .. } = self;
        ssh::script(self.name, format!("{COMMON}\n{body}"))
            .named(name)
            .env("W_DIR", config.directory.path())
            .env("W_FILE", config.file())
            .env("W_SERVICE", &config.service)
            .env("W_PROJECT", config.project_name())
            .env("W_ENV_FILE", config.env_file(ctx))
            .env("W_NUMBER", ctx.deployment.number.to_string())
            .env("W_NAMES", names)
    }

    /// The output, unless it says what is wrong.
    fn done(&self, output: Output) -> Result<Output> {
        match output.succeeded() {
            true => Ok(output),
            false => Err(failure::explain(self.name, self.config, &self.ctx.environment, &output)),
        }
    }
}

fn yes(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// The lowest port that the service publishes; where none is of its name, of any.
fn port_of(service: &str, published: &[String]) -> Option<u16> {
    let ports = published.iter().filter_map(|line| {
        let mut words = line.split(' ');
        let (of, inside, port) = (words.next()?, words.next()?, words.next()?);
        inside.ends_with("/tcp").then_some((of != service, port.parse::<u16>().ok()?))
    });
    ports.min().map(|(_, port)| port)
}
