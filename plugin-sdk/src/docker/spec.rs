//! What a container is created from: the document `spec`, version 1. This file is its reference.

use crate::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

/// A container to create. `..Spec::new(name, image)` fills what is not said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spec {
    /// The version of this document: 1.
    pub spec: u32,
    /// The container's name.
    pub name: String,
    /// With a tag or digest.
    pub image: String,
    /// Environment variables.
    #[serde(serialize_with = "segments", skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, Text>,
    /// Labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Ports that are published.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    /// What is mounted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<Mount>,
    /// Networks it is in; none: the engine's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<Network>,
    /// What it may use at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// Where its log goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<Log>,
    /// When the engine starts it again; absent: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart: Option<Restart>,
    /// How the engine sees that it is well; absent: as the image says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    /// Absent: the image's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// Absent: the image's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Vec<String>>,
    /// `user` or `user:group`; absent: the image's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The working directory; absent: the image's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// Absent: the start of its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Such as `runc`; absent: the engine's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// In the network of its machine, without one of its own. A grant: `host-network`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub host_network: bool,
    /// All that root may. A grant: `privileged`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub privileged: bool,
    /// Its own files cannot be changed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
    /// With an init that reaps processes.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub init: bool,
    /// Without `SIG`; absent: the image's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_signal: Option<String>,
    /// Milliseconds from the stop signal to KILL, in whole seconds; absent: 10 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_grace_ms: Option<u64>,
    /// Capabilities of Linux beyond the engine's usual ones. A grant: `privileged`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cap_add: Vec<String>,
    /// Capabilities of Linux that are taken away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cap_drop: Vec<String>,
}

impl Spec {
    /// Of an image, and nothing else said.
    pub fn new(name: impl Into<String>, image: impl Into<String>) -> Self {
        Self {
            spec: 1,
            name: name.into(),
            image: image.into(),
            env: BTreeMap::new(),
            labels: BTreeMap::new(),
            ports: Vec::new(),
            mounts: Vec::new(),
            networks: Vec::new(),
            limits: None,
            log: None,
            restart: None,
            health: None,
            command: None,
            entrypoint: None,
            user: None,
            cwd: None,
            hostname: None,
            runtime: None,
            host_network: false,
            privileged: false,
            read_only: false,
            init: false,
            stop_signal: None,
            stop_grace_ms: None,
            cap_add: Vec::new(),
            cap_drop: Vec::new(),
        }
    }
}

fn segments<S: Serializer>(env: &BTreeMap<String, Text>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(env.iter().map(|(name, value)| (name, value.segments())))
}

/// A port that is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// In the container.
    pub container: u16,
    /// On the target; absent: any that is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<u16>,
    /// The target's address, such as `127.0.0.1`; absent: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// `tcp` where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
}

/// What a port speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum Protocol {
    Tcp,
    Udp,
}

/// Something that is mounted into a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Mount {
    /// A path of the target. Outside of `/srv/<project>`, `~/apps/<project>` and `/var/lib/windlass/<project>` it
    /// is a grant: `mount:/path`.
    Bind {
        /// On the target: absolute, or in the home directory with `~/`.
        #[schemars(extend("grant" = "docker mount"))]
        bind: String,
        /// In the container.
        target: String,
        /// Whether it cannot be changed.
        #[serde(default)]
        read_only: bool,
    },
    /// A volume of the engine.
    Volume {
        /// Its name; made where there is none.
        volume: String,
        /// In the container.
        target: String,
        /// Whether it cannot be changed.
        #[serde(default)]
        read_only: bool,
    },
    /// Memory that is gone when the container ends.
    Tmpfs {
        /// Its most, such as `64m`.
        tmpfs: String,
        /// In the container.
        target: String,
    },
}

/// A network that a container is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Its name. `host`, the network of the machine, is a grant: `host-network`.
    #[schemars(extend("grant" = "docker network"))]
    pub name: String,
    /// Names of the container there, beside its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

/// What a container may use at most.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Processors: 0.5 is half of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<f64>,
    /// Processes and threads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pids: Option<u32>,
}

/// Where a container's log goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `json-file` where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// When a new file begins, such as `10m`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_size: Option<String>,
    /// How many files are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_files: Option<u32>,
}

/// When the engine starts a container again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Restart {
    /// When.
    pub policy: RestartPolicy,
    /// How often, with `on-failure`; absent: without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_retries: Option<u32>,
}

/// When the engine starts a container again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RestartPolicy {
    /// Never.
    No,
    /// Whenever it ends, and when the engine starts.
    Always,
    /// The same, but not after it was stopped.
    UnlessStopped,
    /// When it ends with another status than 0.
    OnFailure,
}

/// How the engine sees that a container is well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// As in a Dockerfile: `CMD` and arguments, or `CMD-SHELL` and a line.
    pub command: Vec<String>,
    /// Milliseconds between two looks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_ms: Option<u32>,
    /// Milliseconds a look may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u32>,
    /// How many failures in a row make it unhealthy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// Milliseconds in which failures do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_period_ms: Option<u32>,
}
