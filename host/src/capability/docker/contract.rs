//! The contract's side: from its types to calls, and from answers to its types.

use super::OnEngine;
use super::build::{Build, Context};
use super::container::{Create, Inspect, List, Remove, Rename, Start, Stop, Wait};
use super::image::{Credentials, ImageInspect, Prune, Pull, Push, Tag};
use super::inside::{Exec, Logs, Repeat};
use super::network::{NetworkEnsure, NetworkRemove, VolumeEnsure, VolumeRemove};
use super::spec::Document;
use super::{Capabilities, Journal, segment};
use crate::capability::wit::windlass::{docker::docker as wit, types::types::Error};
use crate::docker::{Container, Image, LogLine};
use windlass_api_types::Level;

/// An answer for the guest; the outer error ends it.
type Answer<T> = wasmtime::Result<Result<T, Error>>;
type Pairs = Vec<(String, String)>;

impl wit::Host for Capabilities {
    async fn pull(
        &mut self,
        target: String,
        image: String,
        credentials: Option<wit::RegistryCredentials>,
    ) -> Answer<wit::Image> {
        let credentials = credentials.map(|credentials| signed_in(credentials, &self.journal));
        Ok(self.answer(OnEngine(Pull { target, image, credentials })).await?.map(wit::Image::from))
    }

    async fn image_inspect(&mut self, target: String, image: String) -> Answer<Option<wit::Image>> {
        let answer = self.answer(OnEngine(ImageInspect { target, image })).await?;
        Ok(answer.map(|image| image.map(wit::Image::from)))
    }

    async fn tag(&mut self, target: String, image: String, name: String) -> Answer<()> {
        self.answer(OnEngine(Tag { target, image, name })).await
    }

    async fn push(
        &mut self,
        target: String,
        image: String,
        credentials: Option<wit::RegistryCredentials>,
    ) -> Answer<String> {
        let credentials = credentials.map(|credentials| signed_in(credentials, &self.journal));
        self.answer(OnEngine(Push { target, image, credentials })).await
    }

    async fn build(&mut self, request: wit::BuildRequest) -> Answer<wit::Image> {
        let wit::BuildRequest { target, context, dockerfile, args, tags, labels, stage, tee } = request;
        let context = match context {
            wit::BuildContext::Artifact(digest) => Context::Artifact(digest),
            wit::BuildContext::Directory(directory) => Context::Directory(directory),
        };
        let args = args.into_iter().map(|(name, value)| (name, segment::list(value, &self.journal))).collect();
        let tee = tee.map(Level::from);
        let build = Build { target, context, dockerfile, args, tags, labels, stage, tee };
        Ok(self.answer(OnEngine(build)).await?.map(wit::Image::from))
    }

    async fn prune(&mut self, target: String, repository: String, keep: u32) -> Answer<Vec<String>> {
        self.answer(OnEngine(Prune { target, repository, keep })).await
    }

    async fn create(&mut self, target: String, spec: String) -> Answer<String> {
        let spec = Document::read(spec, &self.journal);
        self.answer(OnEngine(Create { target, spec })).await
    }

    async fn start(&mut self, target: String, container: String, settle_ms: u32) -> Answer<()> {
        self.answer(OnEngine(Start { target, container, settle_ms })).await
    }

    async fn stop(&mut self, target: String, container: String, grace_ms: u64) -> Answer<()> {
        self.answer(OnEngine(Stop { target, container, grace_ms })).await
    }

    async fn remove(&mut self, target: String, container: String, force: bool) -> Answer<bool> {
        self.answer(OnEngine(Remove { target, container, force })).await
    }

    async fn rename(&mut self, target: String, container: String, name: String) -> Answer<()> {
        self.answer(OnEngine(Rename { target, container, name })).await
    }

    async fn inspect(&mut self, target: String, container: String) -> Answer<Option<wit::Container>> {
        let answer = self.answer(OnEngine(Inspect { target, container })).await?;
        Ok(answer.map(|container| container.map(wit::Container::from)))
    }

    async fn list(&mut self, target: String, labels: Pairs) -> Answer<Vec<wit::Container>> {
        let answer = self.answer(OnEngine(List { target, labels })).await?;
        Ok(answer.map(|containers| containers.into_iter().map(wit::Container::from).collect()))
    }

    async fn wait(&mut self, target: String, container: String, timeout_ms: Option<u64>) -> Answer<i64> {
        self.answer(OnEngine(Wait { target, container, timeout_ms })).await
    }

    async fn logs(&mut self, request: wit::LogsRequest) -> Answer<Vec<wit::LogLine>> {
        let wit::LogsRequest { target, container, tail, since, follow_ms } = request;
        let answer = self.answer(OnEngine(Logs { target, container, tail, since, follow_ms })).await?;
        let line = |LogLine { stderr, at, text }| wit::LogLine { stderr, at, text };
        Ok(answer.map(|lines| lines.into_iter().map(line).collect()))
    }

    async fn exec(&mut self, request: wit::ExecRequest) -> Answer<wit::ExecOutput> {
        let env = request.env.into_iter().map(|(name, value)| (name, segment::list(value, &self.journal))).collect();
        let exec = Exec {
            target: request.target,
            container: request.container,
            argv: request.argv,
            env,
            user: request.user,
            cwd: request.cwd,
            timeout_ms: request.timeout_ms,
            tee: request.tee.map(Level::from),
            capture_bytes: request.capture_bytes,
            repeat: match request.repeat {
                wit::Repeat::Once => Repeat::Once,
                wit::Repeat::Idempotent => Repeat::Idempotent,
                wit::Repeat::Reads => Repeat::Reads,
            },
        };
        let answer = self.answer(OnEngine(exec)).await?;
        Ok(answer.map(|output| wit::ExecOutput {
            status: output.status,
            stdout: output.stdout.0,
            stderr: output.stderr.0,
        }))
    }

    async fn network_ensure(&mut self, target: String, name: String, internal: bool, labels: Pairs) -> Answer<String> {
        self.answer(OnEngine(NetworkEnsure { target, name, internal, labels })).await
    }

    async fn network_remove(&mut self, target: String, name: String) -> Answer<bool> {
        self.answer(OnEngine(NetworkRemove { target, name })).await
    }

    async fn volume_ensure(&mut self, target: String, name: String, labels: Pairs) -> Answer<()> {
        self.answer(OnEngine(VolumeEnsure { target, name, labels })).await
    }

    async fn volume_remove(&mut self, target: String, name: String) -> Answer<bool> {
        self.answer(OnEngine(VolumeRemove { target, name })).await
    }
}

fn signed_in(credentials: wit::RegistryCredentials, journal: &Journal) -> Credentials {
    Credentials {
        username: segment::list(credentials.username, journal),
        password: segment::list(credentials.password, journal),
    }
}

impl From<Image> for wit::Image {
    fn from(image: Image) -> Self {
        let Image { id, tags, digests, size } = image;
        Self { id, tags, digests, size }
    }
}

impl From<Container> for wit::Container {
    fn from(container: Container) -> Self {
        Self {
            id: container.id,
            name: container.name,
            image: container.image,
            image_id: container.image_id,
            labels: container.labels.into_iter().collect(),
            state: container.state,
            exit_code: container.exit_code,
            health: container.health,
            started_at: container.started_at,
            restarts: container.restarts,
            addresses: container.addresses.into_iter().collect(),
        }
    }
}
