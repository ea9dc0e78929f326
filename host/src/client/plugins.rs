//! Plugins and the server's health.

use super::{Client, ClientError};
use serde_json::Value;
use windlass_api_types::plugin::Plugins;

impl Client {
    /// The registry.
    pub async fn plugins(&self) -> Result<Plugins, ClientError> {
        self.get(&["plugins"], &[]).await
    }

    /// Whether somebody answers. A server whose database is away answers too, and is one.
    pub async fn is_served(&self) -> bool {
        match self.get::<Value>(&["health"], &[]).await {
            Ok(_) => true,
            Err(error) => error.status().is_some(),
        }
    }
}
