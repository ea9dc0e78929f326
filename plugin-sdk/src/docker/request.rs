//! A call of the capability and its answer, as values: what a plugin's test sees and says.

use super::{BuildRequest, Container, ExecOutput, ExecRequest, Image, LogLine, RegistryCredentials, Repeat, Spec};
use std::fmt;

/// A call, as the host gets it. Each is the function of the same name.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the contract says what each is")]
pub enum Request {
    Pull { target: String, image: String, credentials: Option<RegistryCredentials> },
    ImageInspect { target: String, image: String },
    Tag { target: String, image: String, name: String },
    Push { target: String, image: String, credentials: Option<RegistryCredentials> },
    Build(BuildRequest),
    Prune { target: String, repository: String, keep: u32 },
    Create { target: String, spec: Box<Spec> },
    Start { target: String, container: String, settle_ms: u32 },
    Stop { target: String, container: String, grace_ms: u64 },
    Remove { target: String, container: String, force: bool },
    Rename { target: String, container: String, name: String },
    Inspect { target: String, container: String },
    List { target: String, labels: Vec<(String, String)> },
    Wait { target: String, container: String, timeout_ms: Option<u64> },
    Logs { target: String, container: String, tail: Option<u32>, since: Option<u32>, follow_ms: u32 },
    Exec(ExecRequest),
    NetworkEnsure { target: String, name: String, internal: bool, labels: Vec<(String, String)> },
    NetworkRemove { target: String, name: String },
    VolumeEnsure { target: String, name: String, labels: Vec<(String, String)> },
    VolumeRemove { target: String, name: String },
}

/// The answer to a [`Request`]: the variant of what its function answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// Of `tag`, `start`, `stop`, `rename` and `volume-ensure`.
    Done,
    /// The digest of `push`, or the id of `create` and `network-ensure`.
    Text(String),
    /// Of `remove`, `network-remove` and `volume-remove`: whether there was one.
    Flag(bool),
    /// Of `wait`.
    Status(i64),
    /// Of `prune`.
    Names(Vec<String>),
    /// Of `pull` and `build`.
    Image(Image),
    /// Of `image-inspect`.
    MaybeImage(Option<Image>),
    /// Of `inspect`.
    MaybeContainer(Option<Box<Container>>),
    /// Of `list`.
    Containers(Vec<Container>),
    /// Of `logs`.
    Lines(Vec<LogLine>),
    /// Of `exec`.
    Output(ExecOutput),
}

macro_rules! into {
    ($($name:ident: $variant:ident => $type:ty),+ $(,)?) => {
        impl Reply {
            $(pub(crate) fn $name(self) -> $type {
                match self {
                    Self::$variant(answer) => answer,
                    other => panic!("the test answers {other:?}, and it is to be a `Reply::{}`", stringify!($variant)),
                }
            })+
        }
    };
}

into!(
    text: Text => String,
    flag: Flag => bool,
    status: Status => i64,
    names: Names => Vec<String>,
    image: Image => Image,
    maybe_image: MaybeImage => Option<Image>,
    containers: Containers => Vec<Container>,
    lines: Lines => Vec<LogLine>,
    output: Output => ExecOutput,
);

impl Reply {
    pub(crate) fn done(self) {
        assert!(self == Self::Done, "the test answers {self:?}, and it is to be `Reply::Done`");
    }

    pub(crate) fn maybe_container(self) -> Option<Container> {
        match self {
            Self::MaybeContainer(container) => container.map(|container| *container),
            other => panic!("the test answers {other:?}, and it is to be a `Reply::MaybeContainer`"),
        }
    }
}

impl Request {
    /// What a dry run answers. None: it only reads, and is performed.
    pub fn assumed(&self) -> Option<Reply> {
        Some(match self {
            Self::ImageInspect { .. } | Self::Inspect { .. } | Self::List { .. } | Self::Logs { .. } => return None,
            Self::Exec(request) if request.repeat == Repeat::Reads => return None,
            Self::Exec(_) => Reply::Output(ExecOutput::default()),
            Self::Pull { image, .. } => Reply::Image(Image { tags: vec![image.clone()], ..Image::default() }),
            Self::Build(request) => Reply::Image(Image { tags: request.tags.clone(), ..Image::default() }),
            Self::Push { .. } | Self::Create { .. } | Self::NetworkEnsure { .. } => Reply::Text(String::new()),
            Self::Prune { .. } => Reply::Names(Vec::new()),
            Self::Remove { .. } | Self::NetworkRemove { .. } | Self::VolumeRemove { .. } => Reply::Flag(true),
            Self::Wait { .. } => Reply::Status(0),
            Self::Tag { .. } | Self::Start { .. } | Self::Stop { .. } | Self::Rename { .. } => Reply::Done,
            Self::VolumeEnsure { .. } => Reply::Done,
        })
    }
}

/// Such as `docker.pull web-1: shop:1.2`.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pull { target, image, .. } => write!(f, "docker.pull {target}: {image}"),
            Self::ImageInspect { target, image } => write!(f, "docker.image-inspect {target}: {image}"),
            Self::Tag { target, image, name } => write!(f, "docker.tag {target}: {image} {name}"),
            Self::Push { target, image, .. } => write!(f, "docker.push {target}: {image}"),
            Self::Build(request) => write!(f, "docker.build {}: {}", request.target, request.tags.join(" ")),
            Self::Prune { target, repository, keep } => write!(f, "docker.prune {target}: {repository} {keep}"),
            Self::Create { target, spec } => write!(f, "docker.create {target}: {} {}", spec.name, spec.image),
            Self::Start { target, container, .. } => write!(f, "docker.start {target}: {container}"),
            Self::Stop { target, container, .. } => write!(f, "docker.stop {target}: {container}"),
            Self::Remove { target, container, .. } => write!(f, "docker.remove {target}: {container}"),
            Self::Rename { target, container, name } => write!(f, "docker.rename {target}: {container} {name}"),
            Self::Inspect { target, container } => write!(f, "docker.inspect {target}: {container}"),
            Self::List { target, labels } => {
                write!(f, "docker.list {target}:")?;
                labels.iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
            }
            Self::Wait { target, container, .. } => write!(f, "docker.wait {target}: {container}"),
            Self::Logs { target, container, .. } => write!(f, "docker.logs {target}: {container}"),
            Self::Exec(request) => {
                write!(f, "docker.exec {}: {} {}", request.target, request.container, request.argv.join(" "))
            }
            Self::NetworkEnsure { target, name, .. } => write!(f, "docker.network-ensure {target}: {name}"),
            Self::NetworkRemove { target, name } => write!(f, "docker.network-remove {target}: {name}"),
            Self::VolumeEnsure { target, name, .. } => write!(f, "docker.volume-ensure {target}: {name}"),
            Self::VolumeRemove { target, name } => write!(f, "docker.volume-remove {target}: {name}"),
        }
    }
}
