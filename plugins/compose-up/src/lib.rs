//! The plugin `compose-up`: brings a service of Docker Compose up to date on the stage's target.
//!
//! The compose file is `{directory}/docker-compose.{service}.yml` there, which the release may bring. What else belongs
//! to the service is in `{directory}/{service}/`: its variables (`.env.{environment}`), the unpacked releases, and what
//! is kept of before, so that `undo` can bring it back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_process_kit::{EnvFile, Environment, environment};
use windlass_sdk::{Context, Result, Stage, UndoFn, control, files, log};

mod config;
mod failure;
mod target;

pub use config::Config;
use target::{Running, Target};

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// The name of the Compose project.
    project_name: String,
    /// The compose file on the target.
    file: String,
    /// The file of variables on the target.
    env_file: String,
    /// The port of the target on which the service answers; absent: it publishes none.
    port: Option<u16>,
    /// The names of its containers; none in a plan.
    containers: Vec<String>,
    /// The command that writes the log of its containers from now on.
    follow: Vec<String>,
    /// The command that writes the end of that log.
    tail: Vec<String>,
}

/// What `undo` must know.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Before {
    /// Whether there was a file of variables.
    env_file: bool,
    /// Whether there was a compose file.
    file: bool,
    /// The images of its containers, by the name they were created with; none: there were no containers.
    images: Vec<String>,
    /// Whether containers were changed since.
    changed: bool,
}

/// The stage.
#[derive(Debug)]
pub struct ComposeUp;

impl Stage for ComposeUp {
    const NAME: &'static str = "compose-up";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Brings a service of Docker Compose up to date on the target";
    type Config = Config;
    type Outputs = Outputs;
    const UNDO: Option<UndoFn<Config>> = Some(undo);

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        config.check()?;
        let variables = environment(ctx, &config.env)?;
        let target = Target::new(ctx, &config, &variables)?;
        let env_file = env_file(ctx, &config)?;

        log::step("Looking at the target");
        let found = target.look()?;
        let there = env_file.look()?;
        // What an attempt before this one has changed is not what was there before.
        let earlier = ctx.checkpoint::<Before>()?;
        let mut before =
            earlier.unwrap_or(Before { env_file: there, file: found.file, images: found.images, changed: false });
        control::checkpoint(&before)?;

        log::step("Checking the compose file");
        let began = target.keep(before.file)?;
        env_file.write(&variables, before.env_file)?;
        let from = bring(ctx, &config, &target)?;
        if config.pull {
            log::step("Pulling the images");
            target.pull(&from)?;
        }

        log::step("Starting the containers");
        before.changed = true;
        control::checkpoint(&before)?;
        target.up(&from)?;
        target.watch(&began)?;
        let running = target.running()?;
        let port = running.port.map(|port| format!(" on port {port}"));
        log::info!("{} is up{}", config.service, port.unwrap_or_default());
        Ok(outputs(ctx, &config, running))
    }
}

/// Brings the release's compose file to the target, if it has one; answers its name there, after a check.
fn bring(ctx: &Context, config: &Config, target: &Target<'_>) -> Result<String> {
    let artifact = ctx.release.artifacts.iter().find(|artifact| artifact.name == config.artifact);
    if let Some(artifact) = artifact {
        files::unpack(ctx.target()?, &artifact.digest, config.release(ctx)).send()?;
    }
    target.check(artifact.is_some())
}

fn env_file(ctx: &Context, config: &Config) -> Result<EnvFile> {
    EnvFile::new(ctx, &config.env_file(ctx), Some(&config.service))
}

fn outputs(ctx: &Context, config: &Config, running: Running) -> Outputs {
    let project_name = config.project_name();
    let logs = ["docker", "compose", "-p", &project_name, "logs", "--no-color"].map(str::to_owned);
    let since = running.at.map(|at| ["--since".to_owned(), at]).into_iter().flatten();
    Outputs {
        follow: logs.iter().cloned().chain(["--follow".to_owned()]).chain(since).collect(),
        tail: logs.into_iter().chain(["--tail", "20"].map(str::to_owned)).collect(),
        file: format!("{}/{}", config.directory.path(), config.file()),
        env_file: config.env_file(ctx),
        containers: running.containers,
        port: running.port,
        project_name,
    }
}

/// Brings back what ran before: its compose file, its variables, and the very images.
fn undo(ctx: &Context, config: Config) -> Result<()> {
    let Some(before) = ctx.checkpoint::<Before>()? else {
        log::info!("nothing was changed");
        return Ok(());
    };
    let target = Target::new(ctx, &config, &Environment::new())?;
    let ran = before.file && !before.images.is_empty();
    if before.changed && !ran {
        target.down()?;
        log::info!("nothing of {} ran here before, and nothing of it does now", config.service);
    }
    env_file(ctx, &config)?.restore(before.env_file)?;
    target.restore(&before, before.changed && ran)
}

windlass_sdk::export!(ComposeUp);

#[cfg(test)]
mod tests;
