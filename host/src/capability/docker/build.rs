//! Building images.

use super::segment::{self, Segment};
use super::{Engine, EngineCall, EngineError, name};
use crate::capability::World;
use crate::capability::files::no_artifact;
use crate::capability::ssh_exec::output::Collector;
use crate::docker::{self, Image};
use crate::journal::Performance;
use serde::Serialize;
use std::sync::Arc;
use windlass_api_types::{ErrorKind, Failure, Level};

#[derive(Serialize)]
pub(super) struct Build {
    pub(super) target: String,
    pub(super) context: Context,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dockerfile: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) args: Vec<(String, Vec<Segment>)>,
    pub(super) tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) labels: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tee: Option<Level>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Context {
    Artifact(String),
    Directory(String),
}

impl EngineCall for Build {
    const FUNCTION: &'static str = "docker.build";
    type Answer = Image;

    fn target(&self) -> &str {
        &self.target
    }

    fn summary(&self) -> String {
        format!("build {}", self.tags.join(", "))
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        if self.tags.is_empty() {
            return Err(Failure::new(ErrorKind::InvalidInput, "no-tag", "a build needs a name for its image")
                .hint("give it one in `tags`"));
        }
        self.tags.iter().try_for_each(|tag| name::image(tag))?;
        self.stage.iter().try_for_each(|stage| name::object(stage))?;
        self.args.iter().try_for_each(|(argument, value)| {
            name::object(argument)?;
            segment::check(value, world)
        })?;
        match &self.context {
            Context::Artifact(digest) if !world.artifacts.iter().any(|artifact| artifact.digest == *digest) => {
                Err(no_artifact(digest))
            }
            _ => Ok(()),
        }
    }

    fn assumed(&self) -> Option<Image> {
        Some(Image { tags: self.tags.clone(), ..Image::default() })
    }

    async fn perform(self, engine: Engine, world: Arc<World>, work: Performance) -> Result<Image, EngineError> {
        let context = match self.context {
            Context::Directory(directory) => docker::Context::Directory(directory),
            Context::Artifact(digest) => {
                let archive = world.store.open_blob(&digest).await.map_err(|error| error.failure())?;
                let archive = archive.ok_or_else(|| no_artifact(&digest))?;
                docker::Context::Archive(Box::new(archive))
            }
        };
        let args = self.args.iter().map(|(name, value)| Ok((name.clone(), segment::resolve(value, &world)?)));
        let build = docker::Build {
            dockerfile: self.dockerfile,
            args: args.collect::<Result<_, Failure>>()?,
            tags: self.tags,
            labels: self.labels,
            stage: self.stage,
        };
        let mut output = Collector::new(work.tee, &world.masker, self.tee, 0);
        let built = engine.build(&build, context, &mut output, &work.cancel).await;
        output.finish().await;
        built
    }
}
