//! DNS zones.

use super::{Client, ClientError};
use reqwest::Method;
use windlass_api_types::zone::{PutZone, Zone};

impl Client {
    /// All zones, without their credentials.
    pub async fn zones(&self) -> Result<Vec<Zone>, ClientError> {
        self.get(&["zones"], &[]).await
    }

    /// Configures a zone, or replaces its configuration.
    pub async fn put_zone(&self, name: &str, request: &PutZone) -> Result<Zone, ClientError> {
        self.send(Method::PUT, &["zones", name], request).await
    }

    /// Forgets a zone.
    pub async fn delete_zone(&self, name: &str) -> Result<(), ClientError> {
        self.delete(&["zones", name]).await
    }
}
