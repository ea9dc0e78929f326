//! The servers that work on one database.

use crate::{ServerId, Timestamp};
use serde::{Deserialize, Serialize};

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerInfo {
    pub id: ServerId,
    /// What people call it, such as its host's name.
    pub name: String,
    /// Where people reach it; absent where it listens to nobody.
    pub url: Option<String>,
    /// By the database's clock, as `seen_at` is.
    pub started_at: Timestamp,
    pub seen_at: Timestamp,
    /// Whether it was seen lately. One that was not has lost its deployments to the others.
    pub alive: bool,
    /// Deployments that it runs, or that wait for it.
    pub deployments: u64,
}
