//! Targets: the machines acted upon.

use crate::{TargetId, Timestamp};
use serde::{Deserialize, Serialize};

/// A machine acted upon, reached over SSH.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Target {
    pub id: TargetId,
    pub name: String,
    /// Host name or address.
    pub host: String,
    pub port: u16,
    pub user: String,
    /// The pinned host key, as an OpenSSH public key.
    pub host_key: String,
    /// `SHA256:…` of the host key.
    pub fingerprint: String,
    pub identity: Identity,
    /// The target through whose SSH connection this one is reached; absent: the server reaches it itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jump: Option<String>,
    pub created_at: Timestamp,
}

/// The key that opens a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "path", rename_all = "snake_case")]
pub enum Identity {
    /// The server's own key.
    #[default]
    Stored,
    /// A private key file on the server's machine.
    File(String),
    /// The SSH agent of the server's process.
    Agent,
}

/// Registers a target, or replaces its host key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutTarget {
    pub host: String,
    pub port: u16,
    pub user: String,
    /// The host key that a person has confirmed, as an OpenSSH public key.
    pub host_key: String,
    #[serde(default)]
    pub identity: Identity,
    /// The registered target through whose SSH connection this one is reached; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jump: Option<String>,
    /// Accept another host key than the one pinned before.
    #[serde(default)]
    pub replace_host_key: bool,
}

/// Asks which host key an address presents; nothing is trusted by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScanTarget {
    /// As seen from the jump where there is one.
    pub host: String,
    pub port: u16,
    /// The registered target through which it is asked; absent: the server asks it itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jump: Option<String>,
}

/// What an address presents, for a person to compare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScannedTarget {
    /// As an OpenSSH public key.
    pub host_key: String,
    /// `SHA256:…`.
    pub fingerprint: String,
    /// The line for the target's `authorized_keys` that lets the server in.
    pub authorized_key: String,
}

/// Whether a target can be reached, as seen just now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TargetCheck {
    /// Absent where it answered.
    pub failure: Option<crate::Failure>,
    /// Milliseconds from connecting to the answer of `true`.
    pub took: u64,
}
