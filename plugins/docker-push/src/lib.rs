//! The plugin `docker-push`: pushes an image from the stage's target to its registry, and removes old images of the
//! same repository from the target.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_sdk::docker::{self, RegistryCredentials};
use windlass_sdk::{Context, Result, Stage, Text, log};

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The image, which is on the target, such as `registry.example.com/shop:${release.label}`.
    #[schemars(length(min = 1), extend("examples" = ["registry.example.com/shop:${release.label}"]))]
    image: String,
    /// More tags under which the same image is pushed, such as `production`.
    #[serde(default)]
    #[schemars(inner(regex(pattern = r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$")))]
    tags: Vec<String>,
    /// Who signs in to the registry.
    #[serde(default)]
    username: Option<Text>,
    /// With which password: `{ secret = "NAME" }`.
    #[serde(default)]
    password: Option<Text>,
    /// How many images of the same repository are kept on the target, this one included; those that containers use
    /// are kept in any case. Absent: all.
    #[serde(default)]
    #[schemars(range(min = 1))]
    keep: Option<u32>,
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// The image, as it was pushed.
    image: String,
    /// What the registry calls it, such as `registry.example.com/shop@sha256:…`. Empty in a plan.
    digest: String,
}

/// The stage.
#[derive(Debug)]
pub struct DockerPush;

impl Stage for DockerPush {
    const NAME: &'static str = "docker-push";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Pushes an image to its registry";
    type Config = Config;
    type Outputs = Outputs;

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let target = ctx.target()?;
        let credentials = RegistryCredentials::given(config.username, config.password)?;
        let repository = docker::repository(&config.image);
        let digest = docker::push(target, &config.image, credentials.clone())?;
        log::info!("pushed {}", config.image);
        for tag in &config.tags {
            let name = format!("{repository}:{tag}");
            docker::tag(target, &config.image, &name)?;
            docker::push(target, &name, credentials.clone())?;
            log::info!("pushed {name}");
        }
        if let Some(keep) = config.keep {
            for name in docker::prune(target, repository, keep)? {
                log::info!("removed {name}");
            }
        }
        let digest = if digest.is_empty() { digest } else { format!("{repository}@{digest}") };
        Ok(Outputs { digest, image: config.image })
    }
}

windlass_sdk::export!(DockerPush);

#[cfg(test)]
mod tests;
