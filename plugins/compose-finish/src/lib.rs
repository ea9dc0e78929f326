//! The plugin `compose-finish`: the release is live. What was kept of the one before is removed, and old releases are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_process_kit::{Directory, RemotePath};
use windlass_sdk::{Context, Result, Stage, log, ssh};

/// Removes what `undo` would have needed, and all but the newest releases.
const FINISH: &str = include_str!("finish.sh");

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The service.
    #[schemars(regex(pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$"), extend("examples" = ["shop"]))]
    service: String,
    /// The directory on the target that the compose file is in: absolute, or relative to the home directory.
    directory: Directory,
    /// The compose file on the target.
    #[schemars(extend("examples" = ["/opt/docker/compose/docker-compose.shop.yml"]))]
    file: RemotePath,
    /// The file of variables on the target.
    #[schemars(extend("examples" = ["/opt/docker/compose/shop/.env.production"]))]
    env_file: RemotePath,
    /// How many releases stay.
    #[serde(default = "default_keep")]
    #[schemars(range(min = 1))]
    keep: u32,
}

fn default_keep() -> u32 {
    5
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// The release that is live.
    release: String,
}

/// The stage.
#[derive(Debug)]
pub struct ComposeFinish;

impl Stage for ComposeFinish {
    const NAME: &'static str = "compose-finish";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Removes what was kept of the release before, and old releases";
    type Config = Config;
    type Outputs = Outputs;

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let label = &ctx.release.label;
        ssh::script(ctx.target()?, FINISH)
            .named("the script that removes what is no longer needed")
            .env("DIR", format!("{}/{}", config.directory.path(), config.service))
            .env("FILE", config.file.as_str())
            .env("ENV_FILE", config.env_file.as_str())
            .env("LABEL", label)
            .env("KEEP", config.keep.to_string())
            .idempotent()
            .run()?
            .success()?;
        log::info!("{} runs release {label}", config.service);
        Ok(Outputs { release: label.clone() })
    }
}

windlass_sdk::export!(ComposeFinish);

#[cfg(test)]
mod tests;
