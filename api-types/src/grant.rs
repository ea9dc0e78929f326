//! Grants: what the server lets the plugins of an environment do beyond what every plugin may.

use crate::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The plugin of a grant that is for all of them.
pub const EVERY_PLUGIN: &str = "*";

/// What is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum GrantKind {
    /// A target of another group than the stage's: its name.
    Target,
    /// The names of a DNS zone: the zone.
    Zone,
    /// The value of a secret, put where the plugin says: its name.
    Secret,
    /// Requests to a host: its name, `*.example.com` for those below it, or an address, with `:port` where it
    /// is not the scheme's.
    Http,
    /// What a container may have of its machine: `privileged`, `host-network`, `docker-socket`, or
    /// `mount:/path` for what is at and below a path.
    Docker,
    /// A secret's value in the plugin's own hands: its name.
    Reveal,
}

impl GrantKind {
    pub const ALL: [Self; 6] = [Self::Target, Self::Zone, Self::Secret, Self::Http, Self::Docker, Self::Reveal];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Zone => "zone",
            Self::Secret => "secret",
            Self::Http => "http",
            Self::Docker => "docker",
            Self::Reveal => "reveal",
        }
    }
}

impl fmt::Display for GrantKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for GrantKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|kind| kind.as_str()).collect();
            format!("`{text}` is no kind of grant: they are {}", known.join(", "))
        })
    }
}

/// One approval, or one request for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Grant {
    /// The plugin's name, or `*`.
    pub plugin: String,
    pub kind: GrantKind,
    pub value: String,
}

impl fmt::Display for Grant {
    /// As `windlass grant add` takes it, after the environment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.value)?;
        if self.plugin != EVERY_PLUGIN {
            write!(f, " --plugin {}", self.plugin)?;
        }
        Ok(())
    }
}

/// A grant that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoredGrant {
    #[serde(flatten)]
    pub grant: Grant,
    pub created_at: Timestamp,
    /// Who gave it.
    pub created_by: String,
}

/// The grants of an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Grants {
    pub grants: Vec<StoredGrant>,
    /// Since when only `windlass grant` adds to them; absent: a person who deploys may, when asked.
    pub protected_at: Option<Timestamp>,
}

/// What a deployment asks of its environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Requests {
    pub project: String,
    pub environment: String,
    /// What is granted already.
    pub granted: Vec<Grant>,
    /// What is not.
    pub missing: Vec<Grant>,
    /// Whether only `windlass grant` adds to the environment's grants.
    pub protected: bool,
}
