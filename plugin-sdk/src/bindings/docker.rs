//! The capability `docker`, as the host performs it.

use super::convert::segments;
use super::windlass::docker::docker as wire;
use crate::Result;
use crate::docker::{
    BuildContext, BuildRequest, Container, ExecOutput, ExecRequest, Image, LogLine, RegistryCredentials, Repeat, Reply,
    Request,
};

pub(crate) fn docker(request: Request) -> Result<Reply> {
    Ok(match request {
        Request::Pull { target, image, credentials } => {
            Reply::Image(wire::pull(&target, &image, credentials.map(signed_in).as_ref())?.into())
        }
        Request::ImageInspect { target, image } => {
            Reply::MaybeImage(wire::image_inspect(&target, &image)?.map(Image::from))
        }
        Request::Tag { target, image, name } => done(wire::tag(&target, &image, &name))?,
        Request::Push { target, image, credentials } => {
            Reply::Text(wire::push(&target, &image, credentials.map(signed_in).as_ref())?)
        }
        Request::Build(request) => Reply::Image(wire::build(&request.into())?.into()),
        Request::Prune { target, repository, keep } => Reply::Names(wire::prune(&target, &repository, keep)?),
        Request::Create { target, spec } => Reply::Text(wire::create(&target, &serde_json::to_string(&spec)?)?),
        Request::Start { target, container, settle_ms } => done(wire::start(&target, &container, settle_ms))?,
        Request::Stop { target, container, grace_ms } => done(wire::stop(&target, &container, grace_ms))?,
        Request::Remove { target, container, force } => Reply::Flag(wire::remove(&target, &container, force)?),
        Request::Rename { target, container, name } => done(wire::rename(&target, &container, &name))?,
        Request::Inspect { target, container } => {
            let container = wire::inspect(&target, &container)?;
            Reply::MaybeContainer(container.map(|container| Box::new(container.into())))
        }
        Request::List { target, labels } => {
            Reply::Containers(wire::list(&target, &labels)?.into_iter().map(Container::from).collect())
        }
        Request::Wait { target, container, timeout_ms } => Reply::Status(wire::wait(&target, &container, timeout_ms)?),
        Request::Logs { target, container, tail, since, follow_ms } => {
            let lines = wire::logs(&wire::LogsRequest { target, container, tail, since, follow_ms })?;
            Reply::Lines(lines.into_iter().map(LogLine::from).collect())
        }
        Request::Exec(request) => Reply::Output(wire::exec(&request.into())?.into()),
        Request::NetworkEnsure { target, name, internal, labels } => {
            Reply::Text(wire::network_ensure(&target, &name, internal, &labels)?)
        }
        Request::NetworkRemove { target, name } => Reply::Flag(wire::network_remove(&target, &name)?),
        Request::VolumeEnsure { target, name, labels } => done(wire::volume_ensure(&target, &name, &labels))?,
        Request::VolumeRemove { target, name } => Reply::Flag(wire::volume_remove(&target, &name)?),
    })
}

fn done(answer: Result<(), wire::Error>) -> Result<Reply> {
    Ok(answer.map(|()| Reply::Done)?)
}

fn signed_in(credentials: RegistryCredentials) -> wire::RegistryCredentials {
    let RegistryCredentials { username, password } = credentials;
    wire::RegistryCredentials { username: segments(&username), password: segments(&password) }
}

impl From<BuildRequest> for wire::BuildRequest {
    fn from(request: BuildRequest) -> Self {
        let args = request.args.iter().map(|(name, value)| (name.clone(), segments(value))).collect();
        let context = match request.context {
            BuildContext::Artifact(digest) => wire::BuildContext::Artifact(digest),
            BuildContext::Directory(directory) => wire::BuildContext::Directory(directory),
        };
        let BuildRequest { target, dockerfile, tags, labels, stage, tee, .. } = request;
        Self { target, context, dockerfile, args, tags, labels, stage, tee: tee.map(Into::into) }
    }
}

impl From<ExecRequest> for wire::ExecRequest {
    fn from(request: ExecRequest) -> Self {
        Self {
            env: request.env.iter().map(|(name, value)| (name.clone(), segments(value))).collect(),
            target: request.target,
            container: request.container,
            argv: request.argv,
            user: request.user,
            cwd: request.cwd,
            timeout_ms: request.timeout_ms,
            tee: request.tee.map(Into::into),
            capture_bytes: request.capture_bytes,
            repeat: match request.repeat {
                Repeat::Once => wire::Repeat::Once,
                Repeat::Idempotent => wire::Repeat::Idempotent,
                Repeat::Reads => wire::Repeat::Reads,
            },
        }
    }
}

impl From<wire::ExecOutput> for ExecOutput {
    fn from(output: wire::ExecOutput) -> Self {
        Self { status: output.status, stdout: output.stdout, stderr: output.stderr }
    }
}

impl From<wire::Image> for Image {
    fn from(image: wire::Image) -> Self {
        Self { id: image.id, tags: image.tags, digests: image.digests, size: image.size }
    }
}

impl From<wire::LogLine> for LogLine {
    fn from(line: wire::LogLine) -> Self {
        Self { stderr: line.stderr, at: line.at, text: line.text }
    }
}

impl From<wire::Container> for Container {
    fn from(container: wire::Container) -> Self {
        Self {
            id: container.id,
            name: container.name,
            image: container.image,
            image_id: container.image_id,
            labels: container.labels,
            state: container.state,
            exit_code: container.exit_code,
            health: container.health,
            started_at: container.started_at,
            restarts: container.restarts,
            addresses: container.addresses,
        }
    }
}
