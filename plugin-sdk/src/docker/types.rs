//! What engines answer.

use crate::{Error, Result, Text};

/// How the host signs in to a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryCredentials {
    /// Who.
    pub username: Text,
    /// Usually a secret.
    pub password: Text,
}

impl RegistryCredentials {
    /// Those of a stage's configuration: both, or neither.
    ///
    /// # Errors
    /// `invalid-input`: one of them is missing.
    pub fn given(username: Option<Text>, password: Option<Text>) -> Result<Option<Self>> {
        match (username, password) {
            (Some(username), Some(password)) => Ok(Some(Self { username, password })),
            (None, None) => Ok(None),
            _ => Err(Error::invalid_input("a registry wants a username and a password, and one of them is missing")
                .hint("give `username` and `password`, or neither")),
        }
    }
}

/// An image's name without its tag or digest.
pub fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        // A slash after the colon: it was a port.
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    }
}

/// An image on a target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// `sha256:` and 64 hex digits; empty in a dry run.
    pub id: String,
    /// Such as `shop:1.2`.
    pub tags: Vec<String>,
    /// What registries call it, such as `registry.example.com/shop@sha256:…`.
    pub digests: Vec<String>,
    /// Bytes.
    pub size: u64,
}

/// A container of a target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Container {
    /// 64 hex digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The image, as it was created with.
    pub image: String,
    /// `sha256:` and 64 hex digits.
    pub image_id: String,
    /// Its labels.
    pub labels: Vec<(String, String)>,
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    pub state: String,
    /// Where it has ended.
    pub exit_code: Option<i32>,
    /// `starting`, `healthy` or `unhealthy`, where it has a health check.
    pub health: Option<String>,
    /// RFC 3339; empty: never.
    pub started_at: String,
    /// How often the engine started it again.
    pub restarts: u32,
    /// Its addresses, by network.
    pub addresses: Vec<(String, String)>,
}

impl Container {
    /// Whether it runs.
    pub fn running(&self) -> bool {
        self.state == "running"
    }
}

/// A line of a container's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Whether it came from standard error.
    pub stderr: bool,
    /// RFC 3339.
    pub at: String,
    /// Without its end.
    pub text: String,
}

/// How a command in a container ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExecOutput {
    /// Its exit status.
    pub status: u32,
    /// The end of its standard output.
    pub stdout: Vec<u8>,
    /// The end of its standard error.
    pub stderr: Vec<u8>,
}
