//! The plugin `process-finish`: makes the release the one that `current` points at. The pivot of the template
//! `process`: it takes a moment, so that there is hardly one in which nobody can say which release is live.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_process_kit::{Directory, script};
use windlass_sdk::{Context, Result, Stage};

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The app's directory on the target: absolute, or relative to the home directory.
    directory: Directory,
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// The label of the release that is current now.
    current: String,
}

/// The stage.
#[derive(Debug)]
pub struct ProcessFinish;

impl Stage for ProcessFinish {
    const NAME: &'static str = "process-finish";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Makes the release the current one";
    type Config = Config;
    type Outputs = Outputs;

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let current = ctx.release.label.clone();
        script(ctx, &config.directory, "the script that makes the release current", include_str!("switch.sh"))?
            .env("LABEL", &current)
            .idempotent()
            .run()?
            .success()?;
        Ok(Outputs { current })
    }
}

windlass_sdk::export!(ProcessFinish);

#[cfg(test)]
mod tests;
