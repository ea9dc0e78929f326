//! `windlass:artifacts`: what the release carries.

use super::{Capabilities, World, wit::windlass::artifacts::artifacts as wit, wit::windlass::types::types::Error};
use crate::journal::{Answered, Effect, Performance, Performed, Preview};
use serde::Serialize;
use std::sync::Arc;
use windlass_api_types::{RepeatPolicy, deployment::Artifact};

#[derive(Serialize)]
struct List {}

impl Effect for List {
    const FUNCTION: &'static str = "artifacts.list";
    type World = World;
    type Answer = Vec<Artifact>;

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Read
    }

    fn summary(&self) -> String {
        "list the release's artifacts".into()
    }

    fn preview(&self, _: bool) -> Preview<Vec<Artifact>> {
        Preview::Perform
    }

    async fn perform(self, world: Arc<World>, _: Performance) -> Answered<Performed<Vec<Artifact>>> {
        Ok(world.artifacts.clone().into())
    }
}

impl wit::Host for Capabilities {
    async fn list(&mut self) -> wasmtime::Result<Result<Vec<wit::Artifact>, Error>> {
        let answer = self.answer(List {}).await?;
        Ok(answer.map(|artifacts| artifacts.into_iter().map(wit::Artifact::from).collect()))
    }
}

impl From<Artifact> for wit::Artifact {
    fn from(artifact: Artifact) -> Self {
        Self { name: artifact.name, digest: artifact.digest, size: artifact.size }
    }
}
