//! `with` of the stage, and the names that follow from it.

use schemars::JsonSchema;
use serde::Deserialize;
use windlass_process_kit::{Directory, Environment, RemotePath};
use windlass_sdk::{Context, Error, Result};

/// A service of Docker Compose.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The service: its compose file is `docker-compose.<service>.yml`.
    #[schemars(regex(pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$"), extend("examples" = ["shop"]))]
    pub(crate) service: String,
    /// The directory on the target that the compose file is in: absolute, or relative to the home directory.
    pub(crate) directory: Directory,
    /// The compose file's name in that directory; `docker-compose.<service>.yml` where it is absent.
    #[serde(default)]
    file: Option<RemotePath>,
    /// The name of the Compose project; the service's, in lower case, where it is absent.
    #[serde(default)]
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9_-]*$"))]
    project_name: Option<String>,
    /// The artifact of the release that holds the compose file. A release without it: the file is on the target.
    #[serde(default = "default_artifact")]
    pub(crate) artifact: String,
    /// The file of variables that is written on the target; `<directory>/<service>/.env.<environment>` where it is
    /// absent.
    #[serde(default)]
    env_file: Option<RemotePath>,
    /// More variables, beside those of the environment: a text, `{ secret = "NAME" }`, or a list of both.
    #[serde(default)]
    pub(crate) env: Environment,
    /// An image in the place of the one that the compose file names.
    #[serde(default)]
    pub(crate) image: Option<String>,
    /// The service within the compose file that `image` and the port belong to; of the name of `service` where it is
    /// absent.
    #[serde(default)]
    container: Option<String>,
    /// Pull the images first.
    #[serde(default = "default_true")]
    pub(crate) pull: bool,
    /// The port of the target on which the service answers; absent: the first one that it publishes.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub(crate) port: Option<u16>,
    /// How its health is found out afterwards: one that is asked over HTTP needs a port.
    #[serde(default)]
    pub(crate) check: Check,
    /// Seconds that the containers are watched after their start: where one ends meanwhile, the stage fails with the
    /// end of its log.
    #[serde(default = "default_settle_seconds")]
    #[schemars(range(max = 60))]
    pub(crate) settle_seconds: u32,
    /// Seconds that the health checks of the containers themselves may take, where they have any.
    #[serde(default = "default_wait_seconds")]
    pub(crate) wait_seconds: u32,
}

/// How the health of the service is found out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Check {
    /// Its containers run, and their own health checks pass.
    #[default]
    Containers,
    /// It answers over HTTP, which a later stage asks for.
    Http,
}

fn default_artifact() -> String {
    "app".to_owned()
}

fn default_true() -> bool {
    true
}

fn default_settle_seconds() -> u32 {
    2
}

fn default_wait_seconds() -> u32 {
    60
}

impl Config {
    /// Refuses what no schema says.
    pub(crate) fn check(&self) -> Result<()> {
        let file = self.file();
        match file.contains('/') {
            true => Err(Error::invalid_input(format!("`file` is a name in the directory, and `{file}` is a path"))
                .hint("say where it is with `directory`")),
            false => Ok(()),
        }
    }

    pub(crate) fn file(&self) -> String {
        let usual = || format!("docker-compose.{}.yml", self.service);
        self.file.as_ref().map_or_else(usual, |file| file.as_str().to_owned())
    }

    pub(crate) fn project_name(&self) -> String {
        self.project_name.clone().unwrap_or_else(|| self.service.to_lowercase().replace('.', "-"))
    }

    pub(crate) fn container(&self) -> &str {
        self.container.as_deref().unwrap_or(&self.service)
    }

    pub(crate) fn env_file(&self, ctx: &Context) -> String {
        let usual = || format!("{}/{}/.env.{}", self.directory.path(), self.service, ctx.environment);
        self.env_file.as_ref().map_or_else(usual, |file| file.as_str().to_owned())
    }

    /// Where the release's artifact is unpacked.
    pub(crate) fn release(&self, ctx: &Context) -> String {
        format!("{}/{}/releases/{}", self.directory.path(), self.service, ctx.release.label)
    }

    /// What goes over the compose file; empty: nothing.
    pub(crate) fn override_text(&self) -> String {
        let image = self.image.as_deref().filter(|image| !image.is_empty());
        image.map_or_else(String::new, |image| {
            // JSON is YAML.
            serde_json::json!({ "services": { self.container(): { "image": image } } }).to_string() + "\n"
        })
    }
}
