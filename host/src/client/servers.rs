//! The servers that work on one database.

use super::{Client, ClientError};
use windlass_api_types::server::ServerInfo;

impl Client {
    /// Every server, by name.
    pub async fn servers(&self) -> Result<Vec<ServerInfo>, ClientError> {
        self.get(&["servers"], &[]).await
    }
}
