//! The plugin `docker-retire`: stops and removes the containers of earlier deployments of an app, but for those
//! whose previews are kept, which go on running.
//!
//! It knows them by their labels, and tells their age by the number of their deployment in the label
//! `windlass.deployment`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use windlass_process_kit::RemotePath;
use windlass_sdk::docker::{self, Container};
use windlass_sdk::{Context, Result, Stage, control, log, ssh};

/// The label that holds the number of a container's deployment.
const NUMBER: &str = "windlass.deployment";

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Labels that the app's containers have, beside `windlass.project`, `windlass.environment` and
    /// `windlass.deployment`.
    #[serde(default)]
    labels: BTreeMap<String, String>,
    /// How many deployments keep their container, this one included. Without previews it is this one only.
    #[serde(default = "default_keep")]
    #[schemars(range(min = 1))]
    keep: u32,
    /// The domain of the previews. Absent: there are none.
    #[serde(default)]
    preview_domain: Option<String>,
    /// The directory of the previews, as `route-preview` has it.
    #[schemars(extend("examples" = ["/srv/shop/previews"]))]
    previews: RemotePath,
    /// Seconds that the containers go on serving what they were asked before they are stopped.
    #[serde(default = "default_drain_seconds")]
    drain_seconds: u32,
    /// Seconds that a container has to end before it is killed.
    #[serde(default = "default_stop_seconds")]
    stop_seconds: u32,
}

fn default_keep() -> u32 {
    1
}

fn default_drain_seconds() -> u32 {
    5
}

fn default_stop_seconds() -> u32 {
    10
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// The names of the containers that were removed.
    removed: Vec<String>,
    /// The names of the containers that go on running, this deployment's included.
    kept: Vec<String>,
}

/// The stage.
#[derive(Debug)]
pub struct DockerRetire;

/// A preview's directory has the container's name, a dot and the domain.
const UNROUTE: &str = r#"for name in $NAMES; do rm -rf -- "$PREVIEWS/$name".*; done"#;

impl Stage for DockerRetire {
    const NAME: &'static str = "docker-retire";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Removes the containers of earlier deployments";
    type Config = Config;
    type Outputs = Outputs;

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let target = ctx.target()?;
        let keep = if config.preview_domain.is_some() { config.keep.max(1) as usize } else { 1 };
        let (kept, old) = divide(containers(ctx, &config)?, ctx.deployment.number, keep);
        if old.is_empty() {
            log::info!("there is nothing to retire");
            return Ok(Outputs { removed: Vec::new(), kept: names(&kept) });
        }
        unroute(target, &config, &old)?;
        if old.iter().any(Container::running) {
            control::sleep(Duration::from_secs(config.drain_seconds.into()))?;
        }
        for container in &old {
            docker::stop(target, &container.id, Duration::from_secs(config.stop_seconds.into()))?;
            docker::remove(target, &container.id, false)?;
            log::info!("{} is removed", container.name);
        }
        Ok(Outputs { removed: names(&old), kept: names(&kept) })
    }
}

/// All containers of the app, newest first.
fn containers(ctx: &Context, config: &Config) -> Result<Vec<(u64, Container)>> {
    let mut labels = vec![
        ("windlass.project", ctx.project.as_str()),
        ("windlass.environment", ctx.environment.as_str()),
        (NUMBER, ""),
    ];
    labels.extend(config.labels.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let found = docker::list(ctx.target()?, &labels)?;
    let mut numbered: Vec<_> = found.into_iter().filter_map(|found| Some((number(&found)?, found))).collect();
    numbered.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    Ok(numbered)
}

fn number(container: &Container) -> Option<u64> {
    container.labels.iter().find(|(name, _)| name == NUMBER)?.1.parse().ok()
}

/// Those that stay, and those that go: the newest that run stay, and what is of a later deployment is not ours.
fn divide(containers: Vec<(u64, Container)>, own: u64, keep: usize) -> (Vec<Container>, Vec<Container>) {
    let (mut kept, mut old) = (Vec::new(), Vec::new());
    for (number, container) in containers {
        let stays = number >= own || (container.running() && kept.len() < keep);
        if stays { &mut kept } else { &mut old }.push(container);
    }
    (kept, old)
}

fn unroute(target: &str, config: &Config, old: &[Container]) -> Result<()> {
    if config.preview_domain.is_none() {
        return Ok(());
    }
    ssh::script(target, UNROUTE)
        .named("the script that removes old previews")
        .env("PREVIEWS", config.previews.as_str())
        .env("NAMES", names(old).join(" "))
        .idempotent()
        .run()?
        .success()
        .map(drop)
}

fn names(containers: &[Container]) -> Vec<String> {
    containers.iter().map(|container| container.name.clone()).collect()
}

windlass_sdk::export!(DockerRetire);

#[cfg(test)]
mod tests;
