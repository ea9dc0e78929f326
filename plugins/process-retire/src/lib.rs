//! The plugin `process-retire`: takes away what a new release has replaced. What ran before is drained and
//! stopped, and old releases are removed. It stands behind the pivot: the new release serves already.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use windlass_process_kit::{Directory, report, script};
use windlass_sdk::{Context, Result, Stage, control, log};

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The app's directory on the target: absolute, or relative to the home directory.
    directory: Directory,
    /// How the new instance took over: decides whether there is an old one to drain.
    #[serde(default)]
    strategy: Strategy,
    /// How long the old instance goes on serving what it was asked before it is stopped.
    #[serde(default = "default_drain_seconds")]
    drain_seconds: u32,
    /// How long the old instance has to end after SIGTERM, before it is killed.
    #[serde(default = "default_stop_seconds")]
    #[schemars(range(min = 1))]
    stop_seconds: u32,
    /// How many releases stay on the target; the live one and the one before it always do.
    #[serde(default = "default_keep")]
    #[schemars(range(min = 1))]
    keep: u32,
}

fn default_drain_seconds() -> u32 {
    5
}

fn default_stop_seconds() -> u32 {
    30
}

fn default_keep() -> u32 {
    5
}

/// How a new instance takes over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Strategy {
    /// It starts beside the old one, which is drained.
    #[default]
    BlueGreen,
    /// The old one was stopped before.
    Sequential,
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// The names of the instances that were stopped.
    stopped: Vec<String>,
    /// The labels of the releases that were removed.
    removed: Vec<String>,
}

/// The stage.
#[derive(Debug)]
pub struct ProcessRetire;

impl Stage for ProcessRetire {
    const NAME: &'static str = "process-retire";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Drains and stops what ran before, removes old releases";
    type Config = Config;
    type Outputs = Outputs;

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        drain(ctx, &config)?;

        log::step("Removing what is old");
        let previous = ctx.previous_release.as_ref().map(|release| release.label.as_str());
        let output = script(ctx, &config.directory, "the script that removes what is old", include_str!("retire.sh"))?
            .env("LABEL", &ctx.release.label)
            .env("PREVIOUS", previous.unwrap_or_default())
            .env("STOP_SECONDS", config.stop_seconds.to_string())
            .env("KEEP", config.keep.to_string())
            .run()?
            .success()?;
        let mut said = report(&output);
        for name in said.remove("killed").unwrap_or_default() {
            log::warning!("{name} did not end within {} s and was killed", config.stop_seconds);
        }
        let mut said = |key: &str| said.remove(key).unwrap_or_default();
        let outputs = Outputs { stopped: said("stopped"), removed: said("removed") };
        outputs.stopped.iter().for_each(|name| log::info!("stopped {name}"));
        outputs.removed.iter().for_each(|label| log::info!("removed release {label}"));
        Ok(outputs)
    }
}

/// Decided by what is known before anything is done, so that a plan waits where the deployment does.
fn drain(ctx: &Context, config: &Config) -> Result<()> {
    let beside = config.strategy == Strategy::BlueGreen && ctx.previous_release.is_some();
    if beside && config.drain_seconds > 0 {
        log::step("Draining the old instance");
        control::sleep(Duration::from_secs(config.drain_seconds.into()))?;
    }
    Ok(())
}

windlass_sdk::export!(ProcessRetire);

#[cfg(test)]
mod tests;
