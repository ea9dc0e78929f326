//! Networks and volumes.

use super::{Engine, EngineError, found};
use bollard::errors::Error;
use bollard::models::{NetworkCreateRequest, VolumeCreateRequest};
use bollard::query_parameters::{InspectNetworkOptions, RemoveVolumeOptions};
use std::collections::HashMap;

impl Engine {
    /// Makes a bridge network where there is none of this name; answers its id.
    pub async fn ensure_network(
        &self,
        name: &str,
        internal: bool,
        labels: HashMap<String, String>,
    ) -> Result<String, EngineError> {
        let what = format!("make the network {name}");
        let there = found(self.client.inspect_network(name, None::<InspectNetworkOptions>).await);
        if let Some(network) = there.map_err(self.failed(&what))? {
            return Ok(network.id.unwrap_or_default());
        }
        let request = NetworkCreateRequest {
            name: name.to_owned(),
            driver: Some("bridge".to_owned()),
            internal: Some(internal),
            labels: Some(labels),
            ..Default::default()
        };
        let made = self.client.create_network(request).await.map_err(self.failed(&what))?;
        Ok(made.id)
    }

    /// Removes a network; answers whether there was one.
    pub async fn remove_network(&self, name: &str) -> Result<bool, EngineError> {
        let removed = found(self.client.remove_network(name).await);
        Ok(removed.map_err(self.failed(format!("remove the network {name}")))?.is_some())
    }

    /// Makes a volume where there is none of this name.
    pub async fn ensure_volume(&self, name: &str, labels: HashMap<String, String>) -> Result<(), EngineError> {
        let request = VolumeCreateRequest { name: Some(name.to_owned()), labels: Some(labels), ..Default::default() };
        let made = self.client.create_volume(request).await;
        made.map(drop).map_err(self.failed(format!("make the volume {name}")))
    }

    /// Removes a volume; answers whether there was one.
    pub async fn remove_volume(&self, name: &str) -> Result<bool, EngineError> {
        // An engine that is told to force it says nothing of a volume that is not there.
        let removed: Result<(), Error> = self.client.remove_volume(name, None::<RemoveVolumeOptions>).await;
        Ok(found(removed).map_err(self.failed(format!("remove the volume {name}")))?.is_some())
    }
}
