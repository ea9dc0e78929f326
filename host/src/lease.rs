//! The lease: a server keeps its deployments as long as it can say every few seconds that it is alive. One
//! that cannot stops performing by itself; at the store it would be fenced off anyway, this bounds how late
//! its last effects may come.

use crate::store::{LEASE, ServerIdentity, Store, StoreError};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use windlass_api_types::{ServerId, Timestamp};

/// How often a server says that it is alive: three times in a lease.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// The pause after a heartbeat that failed.
const RETRY: Duration = Duration::from_millis(500);

/// The lease of this server. Cheap to clone.
#[derive(Clone)]
pub struct Lease {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    identity: ServerIdentity,
    pace: Pace,
    term: Mutex<Term>,
}

/// How long is how long; shorter in tests.
#[derive(Clone, Copy)]
struct Pace {
    heartbeat: Duration,
    lease: Duration,
}

/// From a registration until the lease is lost.
struct Term {
    started_at: Timestamp,
    /// Before the last heartbeat that was answered was sent, by this machine's monotonic clock.
    renewed: Instant,
    lost: CancellationToken,
}

/// Another process goes by this server's id.
struct Superseded;

impl Lease {
    /// Begins: whatever an earlier process of this server owned is anybody's now. [`Lease::keep`] keeps it.
    pub async fn begin(store: Store, identity: ServerIdentity) -> Result<Self, StoreError> {
        Self::begin_at(Pace { heartbeat: HEARTBEAT, lease: LEASE }, store, identity).await
    }

    async fn begin_at(pace: Pace, store: Store, identity: ServerIdentity) -> Result<Self, StoreError> {
        let term = Term::begin(&store, &identity).await?;
        Ok(Self { inner: Arc::new(Inner { store, identity, pace, term: Mutex::new(term) }) })
    }

    /// The id under which this server owns deployments.
    pub fn id(&self) -> ServerId {
        self.inner.identity.id
    }

    /// Whether this server may perform effects of the deployments it owns. Asked before each one, since after
    /// a pause of the whole process nobody has told yet that the lease is lost.
    pub fn holds(&self) -> bool {
        let term = self.term();
        !self.inner.store.is_shared() || !term.lost.is_cancelled() && term.renewed.elapsed() < self.inner.pace.lease
    }

    /// Cancelled when the lease is lost. What starts later belongs to the next lease: ask again for it.
    pub fn lost(&self) -> CancellationToken {
        self.term().lost.clone()
    }

    /// Keeps the lease, or gets a new one as soon as the database answers again. Ends only where another
    /// process goes by the same id, or where there is one server only.
    pub async fn keep(self) {
        if !self.inner.store.is_shared() {
            // Nobody else could take over.
            return;
        }
        loop {
            let end = self.term().renewed + self.inner.pace.lease;
            let superseded = tokio::select! {
                biased;
                () = sleep_until(end) => {
                    self.lose("the database did not answer for too long; what ran here goes on elsewhere, or here again");
                    self.begin_again().await;
                    false
                }
                renewed = self.renew() => renewed.is_err(),
            };
            if superseded {
                return self.lose(
                    "another process goes by this server's id; it runs nothing any more: \
                     remove the file `server-id` in a copied data directory and start it again",
                );
            }
        }
    }

    /// Says that this server ends. Others need not wait for the end of its lease.
    pub async fn end(&self) {
        self.term().lost.cancel();
        let started_at = self.term().started_at;
        if let Err(error) = self.inner.store.leave(self.id(), started_at).await {
            tracing::warn!(%error, "the other servers could not be told that this one ends; they see it soon");
        }
    }

    /// Waits until it is time, and says that this server is alive until the database has heard it.
    async fn renew(&self) -> Result<(), Superseded> {
        sleep(self.inner.pace.heartbeat).await;
        let started_at = self.term().started_at;
        loop {
            let sent = Instant::now();
            match self.inner.store.heartbeat(self.id(), started_at).await {
                Ok(true) => {
                    self.term().renewed = sent;
                    return Ok(());
                }
                Ok(false) => return Err(Superseded),
                Err(error) => tracing::debug!(%error, "a heartbeat was not heard"),
            }
            sleep(RETRY.min(self.inner.pace.heartbeat)).await;
        }
    }

    async fn begin_again(&self) {
        let term = until_ok(|| Term::begin(&self.inner.store, &self.inner.identity)).await;
        *self.term() = term;
        tracing::info!("this server takes deployments again");
    }

    fn lose(&self, why: &str) {
        tracing::error!(server = %self.id(), "this server has lost its deployments: {why}");
        self.term().lost.cancel();
    }

    fn term(&self) -> MutexGuard<'_, Term> {
        // A term is whole between any two statements that touch it.
        self.inner.term.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Term {
    async fn begin(store: &Store, identity: &ServerIdentity) -> Result<Self, StoreError> {
        let renewed = Instant::now();
        let registration = store.register_server(identity).await?;
        Ok(Self { started_at: registration.started_at, renewed, lost: CancellationToken::new() })
    }
}

/// Tries until it succeeds.
async fn until_ok<T, F: Future<Output = Result<T, StoreError>>>(mut attempt: impl FnMut() -> F) -> T {
    loop {
        match attempt().await {
            Ok(done) => return done,
            Err(error) => tracing::debug!(%error, "this server cannot begin again yet"),
        }
        sleep(RETRY).await;
    }
}

#[cfg(test)]
mod tests;
