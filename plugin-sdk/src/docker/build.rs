//! Building images.

use super::{Image, Reply, Request};
use crate::log::Level;
use crate::{Result, Text, host};

/// An image to build, as the host gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildRequest {
    /// The name of a target of this environment.
    pub target: String,
    /// Where its files come from.
    pub context: BuildContext,
    /// In the context; absent: `Dockerfile`.
    pub dockerfile: Option<String>,
    /// Build arguments.
    pub args: Vec<(String, Text)>,
    /// The names the image gets; at least one.
    pub tags: Vec<String>,
    /// Labels of the image.
    pub labels: Vec<(String, String)>,
    /// The stage of a Dockerfile to stop at.
    pub stage: Option<String>,
    /// The level at which the build's output goes to the log.
    pub tee: Option<Level>,
}

/// Where the files of a build come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildContext {
    /// The digest of an artifact: a tar archive, which is streamed to the engine.
    Artifact(String),
    /// A directory on the target; the target's own `docker` command builds from it.
    Directory(String),
}

/// An image that is about to be built; [`run`](Build::run) builds it.
#[derive(Debug, Clone)]
#[must_use = "nothing is built until `run` is called"]
pub struct Build(BuildRequest);

/// Builds an image from an artifact of the release, by its digest.
pub fn build_archive(target: impl Into<String>, digest: impl Into<String>, tag: impl Into<String>) -> Build {
    build(target.into(), BuildContext::Artifact(digest.into()), tag.into())
}

/// Builds an image from a directory on the target.
pub fn build_directory(target: impl Into<String>, directory: impl Into<String>, tag: impl Into<String>) -> Build {
    build(target.into(), BuildContext::Directory(directory.into()), tag.into())
}

fn build(target: String, context: BuildContext, tag: String) -> Build {
    Build(BuildRequest {
        target,
        context,
        dockerfile: None,
        args: Vec::new(),
        tags: vec![tag],
        labels: Vec::new(),
        stage: None,
        tee: Some(Level::Info),
    })
}

impl Build {
    /// Another Dockerfile of the context.
    pub fn dockerfile(mut self, path: impl Into<String>) -> Self {
        self.0.dockerfile = Some(path.into());
        self
    }

    /// A build argument. It can be read from the image.
    pub fn arg(mut self, name: impl Into<String>, value: impl Into<Text>) -> Self {
        self.0.args.push((name.into(), value.into()));
        self
    }

    /// Another name of the image.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.0.tags.push(tag.into());
        self
    }

    /// A label of the image.
    pub fn label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.labels.push((name.into(), value.into()));
        self
    }

    /// The stage of a Dockerfile to stop at.
    pub fn stage(mut self, stage: impl Into<String>) -> Self {
        self.0.stage = Some(stage.into());
        self
    }

    /// Builds it; its output goes to the log.
    ///
    /// # Errors
    /// `failed` (`build-failed`), `not-found` (`no-such-artifact`), `denied` (`secret-denied`).
    pub fn run(self) -> Result<Image> {
        host::docker(Request::Build(self.0)).map(Reply::image)
    }
}
