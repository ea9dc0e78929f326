//! Images.

use super::segment::{self, Segment};
use super::{Engine, EngineCall, EngineError, name};
use crate::capability::World;
use crate::capability::ssh_exec::output::Collector;
use crate::docker::{self, Image};
use crate::journal::Performance;
use serde::Serialize;
use std::sync::Arc;
use windlass_api_types::{Failure, Level, RepeatPolicy};

/// How the host signs in to a registry.
#[derive(Serialize)]
pub(super) struct Credentials {
    pub(super) username: Vec<Segment>,
    pub(super) password: Vec<Segment>,
}

impl Credentials {
    fn check(credentials: Option<&Self>, world: &World) -> Result<(), Failure> {
        let Some(credentials) = credentials else { return Ok(()) };
        segment::check(&credentials.username, world)?;
        segment::check(&credentials.password, world)
    }

    fn resolve(credentials: Option<&Self>, world: &World) -> Result<Option<docker::Credentials>, Failure> {
        let Some(credentials) = credentials else { return Ok(None) };
        let username = segment::resolve(&credentials.username, world)?;
        let password = segment::resolve(&credentials.password, world)?;
        Ok(Some(docker::Credentials { username, password }))
    }
}

#[derive(Serialize)]
pub(super) struct Pull {
    pub(super) target: String,
    pub(super) image: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) credentials: Option<Credentials>,
}

impl EngineCall for Pull {
    const FUNCTION: &'static str = "docker.pull";
    type Answer = Image;

    fn target(&self) -> &str {
        &self.target
    }

    fn summary(&self) -> String {
        format!("pull {}", self.image)
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        name::image(&self.image)?;
        Credentials::check(self.credentials.as_ref(), world)
    }

    fn assumed(&self) -> Option<Image> {
        Some(Image { tags: vec![self.image.clone()], ..Image::default() })
    }

    async fn perform(self, engine: Engine, world: Arc<World>, work: Performance) -> Result<Image, EngineError> {
        let credentials = Credentials::resolve(self.credentials.as_ref(), &world)?;
        let mut output = Collector::new(work.tee, &world.masker, Some(Level::Info), 0);
        let pulled = engine.pull(&self.image, credentials, &mut output).await;
        output.finish().await;
        pulled
    }
}

#[derive(Serialize)]
pub(super) struct ImageInspect {
    pub(super) target: String,
    pub(super) image: String,
}

impl EngineCall for ImageInspect {
    const FUNCTION: &'static str = "docker.image-inspect";
    type Answer = Option<Image>;

    fn target(&self) -> &str {
        &self.target
    }

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Read
    }

    fn summary(&self) -> String {
        format!("look up the image {}", self.image)
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        name::image(&self.image)
    }

    fn assumed(&self) -> Option<Option<Image>> {
        None
    }

    async fn perform(self, engine: Engine, _: Arc<World>, _: Performance) -> Result<Option<Image>, EngineError> {
        engine.image(&self.image).await
    }
}

#[derive(Serialize)]
pub(super) struct Tag {
    pub(super) target: String,
    pub(super) image: String,
    pub(super) name: String,
}

impl EngineCall for Tag {
    const FUNCTION: &'static str = "docker.tag";
    type Answer = ();

    fn target(&self) -> &str {
        &self.target
    }

    fn summary(&self) -> String {
        format!("give the image {} the name {}", self.image, self.name)
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        name::image(&self.image)?;
        name::image(&self.name)
    }

    fn assumed(&self) -> Option<()> {
        Some(())
    }

    async fn perform(self, engine: Engine, _: Arc<World>, _: Performance) -> Result<(), EngineError> {
        engine.tag(&self.image, &self.name).await
    }
}

#[derive(Serialize)]
pub(super) struct Push {
    pub(super) target: String,
    pub(super) image: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) credentials: Option<Credentials>,
}

impl EngineCall for Push {
    const FUNCTION: &'static str = "docker.push";
    type Answer = String;

    fn target(&self) -> &str {
        &self.target
    }

    fn summary(&self) -> String {
        format!("push {}", self.image)
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        name::image(&self.image)?;
        Credentials::check(self.credentials.as_ref(), world)
    }

    fn assumed(&self) -> Option<String> {
        Some(String::new())
    }

    async fn perform(self, engine: Engine, world: Arc<World>, work: Performance) -> Result<String, EngineError> {
        let credentials = Credentials::resolve(self.credentials.as_ref(), &world)?;
        let mut output = Collector::new(work.tee, &world.masker, Some(Level::Info), 0);
        let pushed = engine.push(&self.image, credentials, &mut output).await;
        output.finish().await;
        pushed
    }
}

#[derive(Serialize)]
pub(super) struct Prune {
    pub(super) target: String,
    pub(super) repository: String,
    pub(super) keep: u32,
}

impl EngineCall for Prune {
    const FUNCTION: &'static str = "docker.prune";
    type Answer = Vec<String>;

    fn target(&self) -> &str {
        &self.target
    }

    fn summary(&self) -> String {
        format!("remove all images of {} but the newest {}", self.repository, self.keep)
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        name::image(&self.repository)
    }

    fn assumed(&self) -> Option<Vec<String>> {
        Some(Vec::new())
    }

    async fn perform(self, engine: Engine, _: Arc<World>, _: Performance) -> Result<Vec<String>, EngineError> {
        engine.prune(&self.repository, self.keep as usize).await
    }
}
