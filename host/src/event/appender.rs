//! The appender: the one queue that everything which happens in a deployment goes through.

mod batch;
mod masking;
mod writer;

pub(super) use batch::Pending;
pub(crate) use masking::mask_answer;

use super::NewEvent;
use super::channel::Channel;
use super::hub::Hub;
use super::now;
use crate::mask::Masker;
use crate::store::StoreError;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use windlass_api_types::{
    CommandId, DeploymentId, DeploymentState, DeploymentStatus, ErrorKind, Failure, IllegalEvent, Timestamp,
};

/// Events that wait while a batch commits: two batches, so that the next one is ready when it has, and
/// a producer that is faster than the disk is held back soon.
const QUEUE: usize = 2_000;

/// How sure a commit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// It survives a crash of the server.
    Normal,
    /// It survives a power failure: for the intent of an effect that changes the world.
    Full,
}

/// Why an event was not appended.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AppendError {
    /// A bug of the caller: the event cannot follow the ones before it.
    #[error(transparent)]
    Illegal(#[from] IllegalEvent),
    /// Another server owns the deployment now: stop.
    #[error("another server owns this deployment now")]
    Fenced,
    #[error("the deployment's record was closed")]
    Closed,
    /// The command of the event became one before.
    #[error("command {command} was taken already")]
    CommandTaken { command: CommandId },
    /// The store failed in a way that waiting does not mend.
    #[error(transparent)]
    Store(Arc<StoreError>),
}

impl AppendError {
    /// The form in which events and the API carry it.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Illegal(error) => Failure::new(ErrorKind::Internal, "illegal-event", error.to_string())
                .hint("report this with the deployment's events"),
            Self::Fenced => Failure::new(ErrorKind::Conflict, "fenced", self.to_string())
                .hint("look at the deployment again; the other server goes on with it"),
            Self::Closed => Failure::new(ErrorKind::Canceled, "closed", self.to_string()),
            Self::CommandTaken { .. } => Failure::new(ErrorKind::Conflict, "command-taken", self.to_string()),
            Self::Store(error) => error.failure(),
        }
    }
}

impl From<StoreError> for AppendError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Fenced { .. } => Self::Fenced,
            StoreError::CommandTaken { command } => Self::CommandTaken { command },
            error => Self::Store(Arc::new(error)),
        }
    }
}

/// Who appends: of two owners of a deployment the one with the higher epoch came later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence {
    pub deployment: DeploymentId,
    pub epoch: u64,
}

/// Appends to a deployment's record, in order. Clones are the same appender; when the last is dropped,
/// what is queued is still committed.
#[derive(Clone)]
pub struct Appender {
    queue: mpsc::Sender<Command>,
    shared: Arc<Shared>,
}

/// What the task that writes shares with those who append.
pub(super) struct Shared {
    deployment: DeploymentId,
    epoch: u64,
    /// The fold of what is committed.
    state: RwLock<DeploymentState>,
    status: watch::Sender<DeploymentStatus>,
    /// Why it stopped.
    stopped: OnceLock<AppendError>,
    masker: OnceLock<Masker>,
    /// Cancelled when another server owns the deployment.
    fenced: CancellationToken,
}

#[allow(clippy::large_enum_variant, reason = "nearly all of them are events, and a box for each costs more")]
enum Command {
    Append(Queued),
    Close(oneshot::Sender<()>),
}

struct Queued {
    event: NewEvent,
    at: Timestamp,
    waiter: Option<Waiter>,
}

/// Somebody who waits for the commit.
struct Waiter {
    done: oneshot::Sender<Result<u64, AppendError>>,
    durability: Durability,
}

/// Starts the task that writes.
pub(super) fn start(
    hub: Arc<Hub>,
    channel: Arc<Channel>,
    deployment: DeploymentId,
    epoch: u64,
    state: DeploymentState,
) -> Appender {
    let (queue, commands) = mpsc::channel(QUEUE);
    let status = watch::Sender::new(state.status.unwrap_or(DeploymentStatus::Queued));
    let shared = Shared {
        deployment,
        epoch,
        state: RwLock::new(state.clone()),
        status,
        stopped: OnceLock::new(),
        masker: OnceLock::new(),
        fenced: CancellationToken::new(),
    };
    let shared = Arc::new(shared);
    channel.set_writer(&shared);
    tokio::spawn(writer::Writer::new(hub, channel, shared.clone(), epoch, state).run(commands));
    Appender { queue, shared }
}

impl Appender {
    pub fn deployment(&self) -> DeploymentId {
        self.shared.deployment
    }

    /// Whose events these are.
    pub fn fence(&self) -> Fence {
        Fence { deployment: self.shared.deployment, epoch: self.shared.epoch }
    }

    /// Queues an event behind those before it. Returns when it is queued, which takes a while when the
    /// producer is faster than the disk.
    pub async fn append(&self, event: NewEvent) -> Result<(), AppendError> {
        self.send(event, None).await
    }

    /// Appends an event and waits until it is committed, and with it everything queued before it. Answers
    /// its `seq`.
    pub async fn commit(&self, event: NewEvent, durability: Durability) -> Result<u64, AppendError> {
        let (done, committed) = oneshot::channel();
        self.send(event, Some(Waiter { done, durability })).await?;
        committed.await.unwrap_or_else(|_| Err(self.shared.why_stopped()))
    }

    /// What the committed events make of the deployment.
    pub fn state(&self) -> DeploymentState {
        self.shared.state()
    }

    /// Looks at the state without copying it. The appender waits meanwhile: be quick.
    pub fn with_state<T>(&self, look: impl FnOnce(&DeploymentState) -> T) -> T {
        look(&self.shared.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells the deployment's status as it changes.
    pub fn status(&self) -> watch::Receiver<DeploymentStatus> {
        self.shared.status.subscribe()
    }

    /// Cancelled as soon as it is known here that another server owns the deployment.
    pub fn fenced(&self) -> CancellationToken {
        self.shared.fenced.clone()
    }

    /// Commits what is queued and ends the appender, its clones included.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Command::Close(done)).await.is_ok() {
            // An error means that it stopped before it came to this.
            let _ = closed.await;
        }
    }

    /// Masks these values in everything that is appended from now on. Told once, before anything runs.
    pub fn mask_with(&self, masker: Masker) {
        drop(self.shared.masker.set(masker));
    }

    /// What masks the values of the deployment's secrets.
    pub fn masker(&self) -> Masker {
        self.shared.masker.get().cloned().unwrap_or_default()
    }

    async fn send(&self, mut event: NewEvent, waiter: Option<Waiter>) -> Result<(), AppendError> {
        if let Some(masker) = self.shared.masker.get() {
            masking::mask(masker, &mut event);
        }
        let queued = Queued { event, at: now(), waiter };
        self.queue.send(Command::Append(queued)).await.map_err(|_| self.shared.why_stopped())
    }
}

impl Shared {
    pub(super) fn state(&self) -> DeploymentState {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Under which it writes.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Says that another server owns the deployment, which the store says too.
    pub(super) fn lose(&self) {
        self.fenced.cancel();
    }

    fn why_stopped(&self) -> AppendError {
        self.stopped.get().cloned().unwrap_or(AppendError::Closed)
    }
}
