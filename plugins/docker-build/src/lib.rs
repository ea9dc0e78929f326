//! The plugin `docker-build`: builds the release's image on the stage's target, from a directory there.
//!
//! Where there is no Dockerfile, it finds out what the app is and writes one for it, which the log shows and the
//! outputs hold. An image that is there already is not built again, so that a rollback runs what ran before.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use windlass_build_kit::Bases;
use windlass_process_kit::RemotePath;
use windlass_sdk::docker::{self, Build, RegistryCredentials};
use windlass_sdk::{Context, DeploymentKind, Error, ErrorKind, Result, Stage, Text, log};

mod detect;

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The directory of the sources on the target: absolute, or relative to the home directory.
    #[serde(default)]
    directory: Option<RemotePath>,
    /// Instead of a directory: the artifact of the release that holds the sources, with a Dockerfile.
    #[serde(default)]
    #[schemars(extend("format" = "artifact"))]
    artifact: Option<String>,
    /// What the image is called, with its tag, such as `registry.example.com/shop:${release.label}`.
    #[schemars(length(min = 1), extend("examples" = ["registry.example.com/shop:${release.label}"]))]
    image: String,
    /// The Dockerfile, below the directory.
    #[serde(default = "default_dockerfile")]
    #[schemars(regex(pattern = r"^[A-Za-z0-9._][A-Za-z0-9._/-]*$"))]
    dockerfile: String,
    /// Without that Dockerfile, find out what the app is and write one.
    #[serde(default = "default_detect")]
    detect: bool,
    /// The images that a Dockerfile of the plugin's begins with.
    #[serde(default)]
    bases: Bases,
    /// The stage of a Dockerfile of several to stop at.
    #[serde(default)]
    stage: Option<String>,
    /// Build arguments: a text, `{ secret = "NAME" }`, or a list of both. They can be read from the image.
    #[serde(default)]
    args: BTreeMap<String, Text>,
    /// Pull the image instead of building it, where it was pushed for this release before.
    #[serde(default)]
    pushed: bool,
    /// Who signs in to the registry for that.
    #[serde(default)]
    username: Option<Text>,
    /// With which password: `{ secret = "NAME" }`.
    #[serde(default)]
    password: Option<Text>,
}

fn default_dockerfile() -> String {
    "Dockerfile".to_owned()
}

fn default_detect() -> bool {
    true
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// The image, as it was asked for.
    image: String,
    /// Its id, `sha256:` and 64 hex digits. Empty in a plan.
    id: String,
    /// What the app is and why, where that was found out, such as `a static site: index.html`.
    detected: Option<String>,
    /// The text of the Dockerfile, where the plugin wrote it.
    dockerfile: Option<String>,
    /// Whether the image was there and was not built.
    reused: bool,
}

/// The stage.
#[derive(Debug)]
pub struct DockerBuild;

impl Stage for DockerBuild {
    const NAME: &'static str = "docker-build";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Builds an image, with a Dockerfile of its own where there is none";
    type Config = Config;
    type Outputs = Outputs;

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let target = ctx.target()?;
        let credentials = RegistryCredentials::given(config.username.clone(), config.password.clone())?;
        if ctx.kind != DeploymentKind::Deploy
            && let Some(id) = there(target, &config, credentials)?
        {
            log::info!("{} was built by an earlier deployment, and is used again", config.image);
            return Ok(Outputs { image: config.image, id, detected: None, dockerfile: None, reused: true });
        }
        match (&config.directory, &config.artifact) {
            (Some(directory), None) => from_directory(ctx, &config, directory.as_str()),
            (None, Some(artifact)) => {
                let artifact = ctx.artifact(artifact)?;
                let build = docker::build_archive(target, &artifact.digest, &config.image);
                built(ctx, &config, build.dockerfile(&config.dockerfile), None)
            }
            _ => Err(Error::invalid_input("the sources are either in a `directory` or in an `artifact`")
                .hint("give one of them")),
        }
    }
}

/// The id of the release's image, where there is one already.
fn there(target: &str, config: &Config, credentials: Option<RegistryCredentials>) -> Result<Option<String>> {
    if let Some(image) = docker::image(target, &config.image)? {
        return Ok(Some(image.id));
    }
    if !config.pushed {
        return Ok(None);
    }
    match docker::pull(target, &config.image, credentials) {
        Ok(image) => Ok(Some(image.id)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn from_directory(ctx: &Context, config: &Config, directory: &str) -> Result<Outputs> {
    let target = ctx.target()?;
    let detected = detect::dockerfile(target, directory, config)?;
    let name = detected.as_ref().map_or(config.dockerfile.as_str(), |_| detect::DOCKERFILE);
    let build = docker::build_directory(target, directory, &config.image).dockerfile(name);
    built(ctx, config, build, detected)
}

fn built(ctx: &Context, config: &Config, build: Build, detected: Option<detect::Detected>) -> Result<Outputs> {
    log::step("building the image");
    let build = build.label("windlass.project", &ctx.project).label("windlass.release", &ctx.release.label);
    let build = config.args.iter().fold(build, |build, (name, value)| build.arg(name, value.clone()));
    let image = match &config.stage {
        Some(stage) => build.stage(stage),
        None => build,
    };
    let image = image.run()?;
    log::info!("{} is built ({:.1} MB)", config.image, image.size as f64 / 1e6);
    let (detected, dockerfile) = detected.map(|found| (found.what, found.dockerfile)).unzip();
    Ok(Outputs { image: config.image.clone(), id: image.id, detected, dockerfile, reused: false })
}

windlass_sdk::export!(DockerBuild);

#[cfg(test)]
mod tests;
