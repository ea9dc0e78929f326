//! The lives of containers.

use super::segment;
use super::spec::{self, Document};
use super::{Engine, EngineCall, EngineError, name};
use crate::capability::World;
use crate::docker::Container;
use crate::journal::Performance;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use windlass_api_types::{ErrorKind, Failure, RepeatPolicy};

/// The longest that a start is watched.
const LONGEST_SETTLE: u32 = 60_000;

#[derive(Serialize)]
pub(super) struct Create {
    pub(super) target: String,
    pub(super) spec: Document,
}

impl EngineCall for Create {
    const FUNCTION: &'static str = "docker.create";
    type Answer = String;

    fn target(&self) -> &str {
        &self.target
    }

    fn summary(&self) -> String {
        match self.spec.spec() {
            Ok(spec) => format!("create the container {} from {}", spec.name, spec.image),
            Err(_) => "create a container".into(),
        }
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        self.spec.check(world)
    }

    fn assumed(&self) -> Option<String> {
        Some(String::new())
    }

    async fn perform(self, engine: Engine, world: Arc<World>, _: Performance) -> Result<String, EngineError> {
        let spec = self.spec.spec()?;
        let hash = spec::hash(spec)?;
        engine.create(spec.map_env(|value| segment::resolve(value, &world))?, &hash).await
    }
}

#[derive(Serialize)]
pub(super) struct Start {
    pub(super) target: String,
    pub(super) container: String,
    pub(super) settle_ms: u32,
}

impl EngineCall for Start {
    const FUNCTION: &'static str = "docker.start";
    type Answer = ();

    fn target(&self) -> &str {
        &self.target
    }

    fn summary(&self) -> String {
        format!("start the container {}", self.container)
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        if self.settle_ms > LONGEST_SETTLE {
            let message = "a start is watched for at most 60,000 ms";
            return Err(Failure::new(ErrorKind::InvalidInput, "settle-too-long", message)
                .hint("use a health check to wait longer"));
        }
        name::object(&self.container)
    }

    fn assumed(&self) -> Option<()> {
        Some(())
    }

    async fn perform(self, engine: Engine, _: Arc<World>, _: Performance) -> Result<(), EngineError> {
        engine.start(&self.container, Duration::from_millis(self.settle_ms.into())).await
    }
}

#[derive(Serialize)]
pub(super) struct Stop {
    pub(super) target: String,
    pub(super) container: String,
    pub(super) grace_ms: u64,
}

impl EngineCall for Stop {
    const FUNCTION: &'static str = "docker.stop";
    type Answer = ();

    fn target(&self) -> &str {
        &self.target
    }

    fn summary(&self) -> String {
        format!("stop the container {}", self.container)
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        name::object(&self.container)
    }

    fn assumed(&self) -> Option<()> {
        Some(())
    }

    async fn perform(self, engine: Engine, _: Arc<World>, _: Performance) -> Result<(), EngineError> {
        engine.stop(&self.container, Duration::from_millis(self.grace_ms)).await
    }
}

#[derive(Serialize)]
pub(super) struct Remove {
    pub(super) target: String,
    pub(super) container: String,
    pub(super) force: bool,
}

impl EngineCall for Remove {
    const FUNCTION: &'static str = "docker.remove";
    type Answer = bool;

    fn target(&self) -> &str {
        &self.target
    }

    fn summary(&self) -> String {
        format!("remove the container {}", self.container)
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        name::object(&self.container)
    }

    fn assumed(&self) -> Option<bool> {
        Some(true)
    }

    async fn perform(self, engine: Engine, _: Arc<World>, _: Performance) -> Result<bool, EngineError> {
        engine.remove(&self.container, self.force).await
    }
}

#[derive(Serialize)]
pub(super) struct Rename {
    pub(super) target: String,
    pub(super) container: String,
    pub(super) name: String,
}

impl EngineCall for Rename {
    const FUNCTION: &'static str = "docker.rename";
    type Answer = ();

    fn target(&self) -> &str {
        &self.target
    }

    fn summary(&self) -> String {
        format!("rename the container {} to {}", self.container, self.name)
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        name::object(&self.container)?;
        name::object(&self.name)
    }

    fn assumed(&self) -> Option<()> {
        Some(())
    }

    async fn perform(self, engine: Engine, _: Arc<World>, _: Performance) -> Result<(), EngineError> {
        engine.rename(&self.container, &self.name).await
    }
}

#[derive(Serialize)]
pub(super) struct Inspect {
    pub(super) target: String,
    pub(super) container: String,
}

impl EngineCall for Inspect {
    const FUNCTION: &'static str = "docker.inspect";
    type Answer = Option<Container>;

    fn target(&self) -> &str {
        &self.target
    }

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Read
    }

    fn summary(&self) -> String {
        format!("look up the container {}", self.container)
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        name::object(&self.container)
    }

    fn assumed(&self) -> Option<Option<Container>> {
        None
    }

    async fn perform(self, engine: Engine, _: Arc<World>, _: Performance) -> Result<Option<Container>, EngineError> {
        engine.container(&self.container).await
    }
}

#[derive(Serialize)]
pub(super) struct List {
    pub(super) target: String,
    pub(super) labels: Vec<(String, String)>,
}

impl EngineCall for List {
    const FUNCTION: &'static str = "docker.list";
    type Answer = Vec<Container>;

    fn target(&self) -> &str {
        &self.target
    }

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Read
    }

    fn summary(&self) -> String {
        let labels: Vec<String> = self.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("list the containers with the labels {}", labels.join(", "))
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        Ok(())
    }

    fn assumed(&self) -> Option<Vec<Container>> {
        None
    }

    async fn perform(self, engine: Engine, _: Arc<World>, _: Performance) -> Result<Vec<Container>, EngineError> {
        engine.containers(&self.labels).await
    }
}

#[derive(Serialize)]
pub(super) struct Wait {
    pub(super) target: String,
    pub(super) container: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeout_ms: Option<u64>,
}

impl EngineCall for Wait {
    const FUNCTION: &'static str = "docker.wait";
    type Answer = i64;

    fn target(&self) -> &str {
        &self.target
    }

    fn summary(&self) -> String {
        format!("wait until the container {} has ended", self.container)
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        name::object(&self.container)
    }

    fn assumed(&self) -> Option<i64> {
        Some(0)
    }

    async fn perform(self, engine: Engine, _: Arc<World>, _: Performance) -> Result<i64, EngineError> {
        engine.wait(&self.container, self.timeout_ms.map(Duration::from_millis)).await
    }
}
