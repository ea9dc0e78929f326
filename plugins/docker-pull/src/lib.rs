//! The plugin `docker-pull`: pulls an image to the stage's target, and removes old ones of the same repository.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_sdk::docker::{self, RegistryCredentials};
use windlass_sdk::{Context, Result, Stage, Text, log};

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The image, such as `registry.example.com/shop:${release.commit}`; without a tag or digest it is `latest`.
    #[schemars(length(min = 1), extend("examples" = ["registry.example.com/shop:1.2"]))]
    image: String,
    /// Who signs in to the registry.
    #[serde(default)]
    username: Option<Text>,
    /// With which password: `{ secret = "NAME" }`.
    #[serde(default)]
    password: Option<Text>,
    /// How many images of the same repository are kept, this one included; those that containers use are kept
    /// in any case. Absent: all.
    #[serde(default)]
    #[schemars(range(min = 1))]
    keep: Option<u32>,
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// The image, as it was asked for.
    image: String,
    /// Its id, `sha256:` and 64 hex digits: what will run, whatever becomes of its tag. Empty in a plan.
    id: String,
    /// What the registry calls it, such as `registry.example.com/shop@sha256:…`. Empty in a plan.
    digest: String,
}

/// The stage.
#[derive(Debug)]
pub struct DockerPull;

impl Stage for DockerPull {
    const NAME: &'static str = "docker-pull";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Pulls an image";
    type Config = Config;
    type Outputs = Outputs;

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let target = ctx.target()?;
        let credentials = RegistryCredentials::given(config.username, config.password)?;
        let image = docker::pull(target, &config.image, credentials)?;
        log::info!("{} is {} ({:.1} MB)", config.image, short(&image.id), image.size as f64 / 1e6);
        let repository = docker::repository(&config.image);
        if let Some(keep) = config.keep {
            for name in docker::prune(target, repository, keep)? {
                log::info!("removed {name}");
            }
        }
        let of_it = |digest: &&String| digest.split('@').next() == Some(repository);
        let digest = image.digests.iter().find(of_it).cloned().unwrap_or_default();
        Ok(Outputs { image: config.image, id: image.id, digest })
    }
}

/// An id as people write it.
fn short(id: &str) -> &str {
    let hex = id.trim_start_matches("sha256:");
    hex.get(..12).unwrap_or(hex)
}

windlass_sdk::export!(DockerPull);

#[cfg(test)]
mod tests;
