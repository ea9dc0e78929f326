//! The plugin `docker-run`: runs a container on the stage's target, in the place of the one of the same name.
//!
//! The old container is stopped and kept as `<name>-previous` until the next deployment, so that `undo` can
//! bring it back as it was.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use windlass_sdk::{Context, Result, Stage, UndoFn, control, docker, log};

mod config;
mod publish;

pub use config::Config;
pub use publish::Publish;

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// The container's name.
    container: String,
    /// Its id; empty in a plan.
    id: String,
    /// The image it runs, as it was asked for.
    image: String,
    /// The port of the machine that leads to it, where `publish` asked for one.
    port: Option<u16>,
}

/// What `undo` must know.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Before {
    /// The id of the container that is replaced, and whether it ran; none: there was none.
    old: Option<(String, bool)>,
}

/// The stage.
#[derive(Debug)]
pub struct DockerRun;

impl Stage for DockerRun {
    const NAME: &'static str = "docker-run";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Runs a container in the place of the one of the same name";
    type Config = Config;
    type Outputs = Outputs;
    const UNDO: Option<UndoFn<Config>> = Some(undo);

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let target = ctx.target()?;
        let spec = config.spec(ctx);
        let settle = Duration::from_secs(config.settle_seconds.into());
        let there = docker::container(target, &spec.name)?;
        // What an attempt before this one has put aside is still the old one.
        let earlier = ctx.checkpoint::<Before>()?;
        let before = earlier.clone().unwrap_or_else(|| Before {
            old: there.as_ref().map(|container| (container.id.clone(), container.running())),
        });
        control::checkpoint(&before)?;

        if let Some(there) = there {
            match before.old.as_ref().is_some_and(|(old, _)| *old == there.id) {
                true => put_aside(target, &config, &there.id)?,
                // It is the attempt's own.
                false => drop(docker::remove(target, &there.id, true)?),
            }
        }
        let Some(publish) = &config.publish else {
            let id = docker::create(target, &spec)?;
            docker::start(target, &spec.name, settle)?;
            log::info!("{} runs {}", spec.name, spec.image);
            return Ok(Outputs { container: spec.name, id, image: spec.image, port: None });
        };
        let (id, port) = publish.start(ctx, target, &spec, settle)?;
        log::info!("{} runs {}, at port {port}", spec.name, spec.image);
        Ok(Outputs { container: spec.name, id, image: spec.image, port: Some(port) })
    }
}

/// Makes room for the new container: two cannot have the same name or ports.
fn put_aside(target: &str, config: &Config, old: &str) -> Result<()> {
    let previous = previous(&config.name);
    docker::remove(target, &previous, true)?;
    docker::stop(target, old, Duration::from_secs(config.stop_seconds.into()))?;
    docker::rename(target, old, &previous)?;
    log::info!("the container before is stopped, and kept as {previous}");
    Ok(())
}

fn previous(name: &str) -> String {
    format!("{name}-previous")
}

fn undo(ctx: &Context, config: Config) -> Result<()> {
    let target = ctx.target()?;
    let Some(before) = ctx.checkpoint::<Before>()? else {
        log::info!("nothing was changed");
        return Ok(());
    };
    let is_old = |id: &str| before.old.as_ref().is_some_and(|(old, _)| old == id);
    if let Some(new) = docker::container(target, &config.name)?.filter(|container| !is_old(&container.id)) {
        docker::remove(target, &new.id, true)?;
    }
    let Some((old, ran)) = &before.old else {
        log::info!("there was no container before");
        return Ok(());
    };
    if docker::container(target, old)?.is_some_and(|container| container.name != config.name) {
        docker::rename(target, old, &config.name)?;
    }
    if *ran {
        docker::start(target, old, Duration::ZERO)?;
    }
    log::info!("{} is the container from before again", config.name);
    Ok(())
}

windlass_sdk::export!(DockerRun);

#[cfg(test)]
mod tests;
