//! `with` of the stage.

use crate::publish::Publish;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use windlass_sdk::docker::{Health, Limits, Log, Mount, Network, Port, Restart, RestartPolicy, Spec};
use windlass_sdk::{Context, Text};

/// A container. What it may have of its machine beyond the usual is granted apart: `windlass grant add
/// shop/production docker privileged`, `host-network`, `docker-socket`, `mount:/path`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The container's name on the target.
    #[schemars(length(min = 1), extend("examples" = ["shop"]))]
    pub(crate) name: String,
    /// The image, which must be there: `docker-pull` brings it. Its output `id` is the very image that was pulled.
    #[schemars(length(min = 1), extend("examples" = ["registry.example.com/shop:1.2"]))]
    image: String,
    /// Environment variables, beside the variables of the environment: a text, `{ secret = "NAME" }`, or a list
    /// of both.
    #[serde(default)]
    env: BTreeMap<String, Text>,
    /// Labels, beside `windlass.project`, `windlass.environment`, `windlass.release` and `windlass.deployment`.
    #[serde(default)]
    labels: BTreeMap<String, String>,
    /// Ports that are published.
    #[serde(default)]
    ports: Vec<Port>,
    /// A port that is published at a free one of the machine, so that several containers of an app run side by
    /// side; the output `port` says which it is.
    #[serde(default)]
    pub(crate) publish: Option<Publish>,
    /// What is mounted: `{ bind = "/srv/shop/data", target = "/data" }`, `{ volume = "data", target = "/data" }` or
    /// `{ tmpfs = "64m", target = "/tmp" }`.
    #[serde(default)]
    mounts: Vec<Mount>,
    /// Networks it is in; `docker-network` makes them.
    #[serde(default)]
    networks: Vec<Network>,
    /// What it may use at most.
    #[serde(default)]
    limits: Option<Limits>,
    /// Where its log goes; `json-file` of three files of 10 MB where it is absent.
    #[serde(default)]
    log: Option<Log>,
    /// When the engine starts it again; `unless-stopped` where it is absent.
    #[serde(default)]
    restart: Option<Restart>,
    /// How the engine sees that it is well; absent: as the image says.
    #[serde(default)]
    health: Option<Health>,
    /// The arguments; absent: the image's.
    #[serde(default)]
    command: Option<Vec<String>>,
    /// The program and its first arguments; absent: the image's.
    #[serde(default)]
    entrypoint: Option<Vec<String>>,
    /// `user` or `user:group`; absent: the image's.
    #[serde(default)]
    user: Option<String>,
    /// The working directory; absent: the image's.
    #[serde(default)]
    directory: Option<String>,
    /// The runtime, such as `runc`; absent: the engine's own.
    #[serde(default)]
    runtime: Option<String>,
    /// In the network of its machine.
    #[serde(default)]
    #[schemars(extend("grant" = "docker host-network"))]
    host_network: bool,
    /// All that root may.
    #[serde(default)]
    #[schemars(extend("grant" = "docker privileged"))]
    privileged: bool,
    /// Its own files cannot be changed.
    #[serde(default)]
    read_only: bool,
    /// With an init that reaps processes.
    #[serde(default)]
    init: bool,
    /// Seconds that the container is watched after its start: where it ends meanwhile, the stage fails with the
    /// end of its log.
    #[serde(default = "default_settle_seconds")]
    #[schemars(range(max = 60))]
    pub(crate) settle_seconds: u32,
    /// Seconds the old container, and later this one, has to end before it is killed.
    #[serde(default = "default_stop_seconds")]
    pub(crate) stop_seconds: u32,
}

fn default_settle_seconds() -> u32 {
    2
}

fn default_stop_seconds() -> u32 {
    10
}

impl Config {
    /// What the container is created from.
    pub(crate) fn spec(&self, ctx: &Context) -> Spec {
        let mut env: BTreeMap<String, Text> =
            ctx.variables.iter().map(|(name, value)| (name.clone(), Text::from(value))).collect();
        if let Some(publish) = &self.publish {
            env.insert("PORT".to_owned(), Text::from(publish.container.to_string()));
        }
        env.extend(self.env.clone());
        let mut labels = self.labels.clone();
        labels.insert("windlass.project".to_owned(), ctx.project.clone());
        labels.insert("windlass.environment".to_owned(), ctx.environment.clone());
        labels.insert("windlass.release".to_owned(), ctx.release.label.clone());
        labels.insert("windlass.deployment".to_owned(), ctx.deployment.number.to_string());
        let usual_log = || Log { driver: None, max_size: Some("10m".to_owned()), max_files: Some(3) };
        let usual_restart = || Restart { policy: RestartPolicy::UnlessStopped, max_retries: None };
        Spec {
            env,
            labels,
            ports: self.ports.clone(),
            mounts: self.mounts.clone(),
            networks: self.networks.clone(),
            limits: self.limits.clone(),
            log: Some(self.log.clone().unwrap_or_else(usual_log)),
            restart: Some(self.restart.clone().unwrap_or_else(usual_restart)),
            health: self.health.clone(),
            command: self.command.clone(),
            entrypoint: self.entrypoint.clone(),
            user: self.user.clone(),
            cwd: self.directory.clone(),
            runtime: self.runtime.clone(),
            host_network: self.host_network,
            privileged: self.privileged,
            read_only: self.read_only,
            init: self.init,
            stop_grace_ms: Some(u64::from(self.stop_seconds) * 1000),
            ..Spec::new(&self.name, &self.image)
        }
    }
}
