//! The server's settings: `server.toml` in the data directory, every one with a default.

use super::StartError;
use crate::exchange::Tls;
use crate::plugin::Limits;
use crate::ssh::SshConfig;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::path::Path;

/// The file in the data directory.
const FILE: &str = "server.toml";

/// All settings; see `docs/server.toml`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub server: ServerConfig,
    pub plugins: Limits,
    pub http: HttpConfig,
    pub ssh: SshSettings,
}

/// The section `[ssh]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SshSettings {
    /// Commands that run at once on a target; more wait. Default 8: with what ends them, as many as an OpenSSH
    /// server allows sessions.
    pub commands_per_target: NonZeroU16,
}

impl Default for SshSettings {
    fn default() -> Self {
        Self { commands_per_target: NonZeroU16::new(8).unwrap_or(NonZeroU16::MIN) }
    }
}

impl SshSettings {
    /// How connections are made and kept.
    pub fn transport(&self, data_dir: &Path) -> SshConfig {
        SshConfig {
            commands_per_target: self.commands_per_target.get().into(),
            ..SshConfig::new(data_dir.join("keys"))
        }
    }
}

/// The section `[http]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// Certificate authorities, as PEM, by the host whose certificate they alone vouch for. Default none: the
    /// system's authorities vouch for all.
    pub ca: BTreeMap<String, String>,
}

/// The section `[server]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// What people call this server where there are several. Default: the machine's name.
    pub name: Option<String>,
    /// Deployments that may run at once. Default 32: each waits far more than it computes.
    pub most_running: usize,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self { name: None, most_running: 32 }
    }
}

impl Config {
    /// Reads the file where there is one.
    pub fn read(data_dir: &Path) -> Result<Self, StartError> {
        let path = data_dir.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(StartError::DataDir { path, source }),
        };
        toml::from_str(&text).map_err(|error| StartError::Config { path, reason: error.to_string() })
    }
}

impl HttpConfig {
    /// Whom to trust. The data directory is named in the error.
    pub fn tls(&self, data_dir: &Path) -> Result<Tls, StartError> {
        Tls::new(&self.ca).map_err(|source| StartError::Authorities { path: data_dir.join(FILE), source })
    }
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn a_host_may_have_an_authority_of_its_own() {
        let text = "[http.ca]\n\"registry.corp\" = \"\"\"\n-----BEGIN CERTIFICATE-----\n\"\"\"\n";
        let config = toml::from_str::<Config>(text).unwrap();
        assert_eq!(config.http.ca["registry.corp"], "-----BEGIN CERTIFICATE-----\n");
        let error = toml::from_str::<Config>("[http]\nproxy = \"x\"").unwrap_err();
        assert!(error.to_string().contains("unknown field `proxy`, expected `ca`"), "{error}");
    }

    #[test]
    fn a_target_runs_at_least_one_command() {
        let error = toml::from_str::<Config>("[ssh]\ncommands_per_target = 0").unwrap_err();
        assert!(error.to_string().contains("expected a nonzero u16"), "{error}");
    }

    /// The documented file says what the defaults are: it must be read to exactly them.
    #[test]
    fn the_documented_file_is_the_defaults() {
        let documented = include_str!("../../../docs/server.toml");
        assert_eq!(toml::from_str::<Config>(documented).unwrap(), Config::default());
        let uncommented: String = documented
            .lines()
            .map(|line| line.strip_prefix("#: ").unwrap_or(line))
            .fold(String::new(), |text, line| text + line + "\n");
        assert_eq!(toml::from_str::<Config>(&uncommented).unwrap(), Config::default());
    }
}
