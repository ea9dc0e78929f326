//! Networks and volumes.

use super::{Engine, EngineCall, EngineError, name};
use crate::capability::World;
use crate::journal::Performance;
use serde::Serialize;
use std::sync::Arc;
use windlass_api_types::Failure;

#[derive(Serialize)]
pub(super) struct NetworkEnsure {
    pub(super) target: String,
    pub(super) name: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) internal: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) labels: Vec<(String, String)>,
}

impl EngineCall for NetworkEnsure {
    const FUNCTION: &'static str = "docker.network-ensure";
    type Answer = String;

    fn target(&self) -> &str {
        &self.target
    }

    fn summary(&self) -> String {
        format!("make sure of the network {}", self.name)
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        name::object(&self.name)
    }

    fn assumed(&self) -> Option<String> {
        Some(String::new())
    }

    async fn perform(self, engine: Engine, _: Arc<World>, _: Performance) -> Result<String, EngineError> {
        engine.ensure_network(&self.name, self.internal, self.labels.into_iter().collect()).await
    }
}

#[derive(Serialize)]
pub(super) struct NetworkRemove {
    pub(super) target: String,
    pub(super) name: String,
}

impl EngineCall for NetworkRemove {
    const FUNCTION: &'static str = "docker.network-remove";
    type Answer = bool;

    fn target(&self) -> &str {
        &self.target
    }

    fn summary(&self) -> String {
        format!("remove the network {}", self.name)
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        name::object(&self.name)
    }

    fn assumed(&self) -> Option<bool> {
        Some(true)
    }

    async fn perform(self, engine: Engine, _: Arc<World>, _: Performance) -> Result<bool, EngineError> {
        engine.remove_network(&self.name).await
    }
}

#[derive(Serialize)]
pub(super) struct VolumeEnsure {
    pub(super) target: String,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) labels: Vec<(String, String)>,
}

impl EngineCall for VolumeEnsure {
    const FUNCTION: &'static str = "docker.volume-ensure";
    type Answer = ();

    fn target(&self) -> &str {
        &self.target
    }

    fn summary(&self) -> String {
        format!("make sure of the volume {}", self.name)
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        name::object(&self.name)
    }

    fn assumed(&self) -> Option<()> {
        Some(())
    }

    async fn perform(self, engine: Engine, _: Arc<World>, _: Performance) -> Result<(), EngineError> {
        engine.ensure_volume(&self.name, self.labels.into_iter().collect()).await
    }
}

#[derive(Serialize)]
pub(super) struct VolumeRemove {
    pub(super) target: String,
    pub(super) name: String,
}

impl EngineCall for VolumeRemove {
    const FUNCTION: &'static str = "docker.volume-remove";
    type Answer = bool;

    fn target(&self) -> &str {
        &self.target
    }

    fn summary(&self) -> String {
        format!("remove the volume {}", self.name)
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        name::object(&self.name)
    }

    fn assumed(&self) -> Option<bool> {
        Some(true)
    }

    async fn perform(self, engine: Engine, _: Arc<World>, _: Performance) -> Result<bool, EngineError> {
        engine.remove_volume(&self.name).await
    }
}
