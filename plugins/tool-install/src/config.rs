//! `with` of the stage.

use schemars::JsonSchema;
use serde::Deserialize;
use std::fmt;

/// What is installed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Which tool.
    #[schemars(extend("examples" = ["docker"]))]
    pub(crate) tool: Tool,
    /// Where the program is from, for machines that do not reach the internet; the tool's own site where it is absent.
    #[serde(default)]
    pub(crate) download: Option<Download>,
}

/// A tool that the shipped templates need on a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Tool {
    /// The engine and the command `docker`.
    Docker,
    /// Version 2 of Docker Compose, the command `docker compose`.
    Compose,
    /// The proxy.
    Caddy,
}

/// A program, or a compressed archive of it, to download.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Download {
    /// Its address, `https://…` or `http://…`. An archive ends in `.tar.gz` and holds the program under the tool's name.
    #[schemars(regex(pattern = "^https?://[!-~]+$"))]
    pub(crate) url: String,
    /// Its SHA-256 or SHA-512, as hex digits.
    #[schemars(regex(pattern = "^([0-9a-f]{64}|[0-9a-f]{128})$"))]
    pub(crate) checksum: String,
}

impl Tool {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Compose => "compose",
            Self::Caddy => "caddy",
        }
    }

    /// The oldest version that does what the templates need.
    pub(crate) fn least(self) -> &'static str {
        match self {
            Self::Docker => "20.10",
            Self::Compose => "2.0",
            // It reads an upstream from a file.
            Self::Caddy => "2.11",
        }
    }

    /// Packages of Debian and its relatives that bring it, the best one first.
    pub(crate) fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Docker => &["docker-ce", "docker.io"],
            Self::Compose => &["docker-compose-plugin", "docker-compose-v2", "docker-compose"],
            Self::Caddy => &["caddy"],
        }
    }

    /// Where its program belongs if no package brings it.
    pub(crate) fn place(self) -> Option<&'static str> {
        match self {
            Self::Docker => None,
            Self::Compose => Some("/usr/local/lib/docker/cli-plugins/docker-compose"),
            Self::Caddy => Some("/usr/local/bin/caddy"),
        }
    }

    /// The program of its makers for a machine of this architecture.
    pub(crate) fn official(self, architecture: &str) -> Option<Download> {
        let (url, checksum) = match (self, architecture) {
            (Self::Compose, "x86_64") => (
                "https://github.com/docker/compose/releases/download/v2.38.2/docker-compose-linux-x86_64",
                "486b3ffc0f806ca2efbc430cef89955386011662f0c76bad17c103d059cfa9cf",
            ),
            (Self::Compose, "aarch64") => (
                "https://github.com/docker/compose/releases/download/v2.38.2/docker-compose-linux-aarch64",
                "4d0f7678dd3338452beba4518e36a8e22b20cad79ba2535c687da554dc3997fb",
            ),
            (Self::Caddy, "x86_64") => (
                "https://github.com/caddyserver/caddy/releases/download/v2.11.4/caddy_2.11.4_linux_amd64.tar.gz",
                "8220d1f013b6f27510247b2360c9e0ca9f018feebd82515f07635318b34ff9777\
                 ccc8fd0b6e6f2486ce3a33fe389fbb7db12d05baa474f4587509fb4f5ebf1c9",
            ),
            (Self::Caddy, "aarch64") => (
                "https://github.com/caddyserver/caddy/releases/download/v2.11.4/caddy_2.11.4_linux_arm64.tar.gz",
                "d5a7c423853c24a799765e0e8210d5c7c22a8f56ed37a3cae2fb9f58be138853\
                 c02b4efd6b59d576e6d8c7c0d30b9c1592deeaa6a536ff69bcca23b8c1ea709c",
            ),
            _ => return None,
        };
        Some(Download { url: url.to_owned(), checksum: checksum.to_owned() })
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Docker => "Docker Engine",
            Self::Compose => "Docker Compose",
            Self::Caddy => "Caddy",
        })
    }
}
