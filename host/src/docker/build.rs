//! Building images.

use super::{Engine, EngineError, Image};
use crate::ssh::{self, ExecRequest, OutputSink, OutputStream, Repeat};
use bollard::query_parameters::BuildImageOptionsBuilder;
use bytes::Bytes;
use futures::StreamExt;
use futures::future::BoxFuture;
use std::collections::HashMap;
use tokio::io::AsyncRead;
use tokio_util::io::ReaderStream;
use tokio_util::sync::CancellationToken;
use windlass_api_types::{ErrorKind, Failure};

/// An image to build.
pub struct Build {
    pub dockerfile: Option<String>,
    pub args: Vec<(String, String)>,
    /// At least one.
    pub tags: Vec<String>,
    pub labels: Vec<(String, String)>,
    pub stage: Option<String>,
}

/// Where the files of a build come from.
pub enum Context {
    /// A tar archive, gzipped or not.
    Archive(Box<dyn AsyncRead + Send + Unpin>),
    /// A directory of the target.
    Directory(String),
}

/// How many bytes of what the command said last are looked at for the reason of a failure.
const TAIL: usize = 4096;

/// Passes output on, and keeps the end of standard error.
struct Tail<'a> {
    output: &'a mut dyn OutputSink,
    errors: Vec<u8>,
}

impl Tail<'_> {
    /// The last line that is not empty: where the builder says why it stopped.
    fn last(&self) -> String {
        let text = String::from_utf8_lossy(&self.errors);
        let last = text.lines().rev().map(str::trim).find(|line| !line.is_empty());
        last.unwrap_or_default().trim_start_matches("ERROR: ").to_owned()
    }
}

impl OutputSink for Tail<'_> {
    fn write<'a>(&'a mut self, stream: OutputStream, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        if stream == OutputStream::Stderr {
            self.errors.extend_from_slice(bytes);
            self.errors.drain(..self.errors.len().saturating_sub(TAIL));
        }
        self.output.write(stream, bytes)
    }

    fn waits<'a>(&'a mut self, target: &'a str, limit: usize) -> BoxFuture<'a, ()> {
        self.output.waits(target, limit)
    }
}

impl Engine {
    /// Builds an image; the build's output goes to `output`.
    pub async fn build(
        &self,
        build: &Build,
        context: Context,
        output: &mut dyn OutputSink,
        cancel: &CancellationToken,
    ) -> Result<Image, EngineError> {
        match context {
            Context::Archive(archive) => self.build_archive(build, archive, output).await?,
            Context::Directory(directory) => self.build_directory(build, directory, output, cancel).await?,
        }
        let (first, others) = build.tags.split_first().ok_or_else(|| self.build_failed("it has no name"))?;
        for other in others {
            self.tag(first, other).await?;
        }
        self.image(first).await?.ok_or_else(|| self.no_image(first).into())
    }

    async fn build_archive(
        &self,
        build: &Build,
        archive: Box<dyn AsyncRead + Send + Unpin>,
        output: &mut dyn OutputSink,
    ) -> Result<(), EngineError> {
        let pairs = |pairs: &[(String, String)]| pairs.iter().cloned().collect::<HashMap<_, _>>();
        let mut options = BuildImageOptionsBuilder::new()
            .dockerfile(build.dockerfile.as_deref().unwrap_or("Dockerfile"))
            .t(build.tags.first().map_or("", String::as_str))
            .buildargs(&pairs(&build.args))
            .labels(&pairs(&build.labels))
            .rm(true)
            .forcerm(true);
        if let Some(stage) = &build.stage {
            options = options.target(stage);
        }
        // An archive that cannot be read is one that ends too early: the engine says so.
        let archive = ReaderStream::with_capacity(archive, 32 * 1024);
        let body = bollard::body_try_stream(archive.map(|piece: Result<Bytes, std::io::Error>| piece));
        let mut events = std::pin::pin!(self.client.build_image(options.build(), None, Some(body)));
        while let Some(event) = events.next().await {
            let event = event.map_err(|error| match error {
                bollard::errors::Error::DockerResponseServerError { message, .. }
                | bollard::errors::Error::DockerStreamError { error: message } => {
                    self.build_failed(message.trim()).into()
                }
                error => self.failed("build an image")(error),
            })?;
            if let Some(text) = event.stream {
                output.write(OutputStream::Stdout, text.as_bytes()).await;
            }
            if let Some(said) = event.error_detail.and_then(|detail| detail.message) {
                return Err(self.build_failed(said.trim()).into());
            }
        }
        Ok(())
    }

    /// By the target's own command, which sends the directory to the engine there.
    async fn build_directory(
        &self,
        build: &Build,
        directory: String,
        output: &mut dyn OutputSink,
        cancel: &CancellationToken,
    ) -> Result<(), EngineError> {
        let mut argv: Vec<String> = vec!["docker".into(), "build".into()];
        let mut option = |name: &str, value: &str| argv.extend([name.to_owned(), value.to_owned()]);
        build.tags.first().into_iter().for_each(|tag| option("--tag", tag));
        if let Some(dockerfile) = &build.dockerfile {
            option("--file", dockerfile);
        }
        build.stage.iter().for_each(|stage| option("--target", stage));
        build.labels.iter().for_each(|(name, value)| option("--label", &format!("{name}={value}")));
        // An argument without a value takes it from the environment, which no list of processes shows.
        build.args.iter().for_each(|(name, _)| option("--build-arg", name));
        argv.push(".".into());
        let mut request = ExecRequest::new(ssh::Command::Argv(argv), Repeat::Idempotent);
        request.cwd = Some(directory);
        request.env = build.args.clone();
        let mut output = Tail { output, errors: Vec::new() };
        let end = self.connection.exec(&request, &mut output, cancel).await?;
        let last = output.last();
        let last = if last.is_empty() { String::new() } else { format!(": {last}") };
        match end.exit {
            ssh::Exit::Status(0) => Ok(()),
            ssh::Exit::Status(status) => {
                Err(self.build_failed(&format!("`docker build` ended with status {status}{last}")).into())
            }
            ssh::Exit::Signal(signal) => {
                Err(self.build_failed(&format!("`docker build` was ended by {signal}{last}")).into())
            }
        }
    }

    fn build_failed(&self, said: &str) -> Failure {
        let message = format!("{}: the image cannot be built: {said}", self.target());
        Failure::new(ErrorKind::Failed, "build-failed", message)
            .hint("the build's output in the log says where it failed")
    }
}
