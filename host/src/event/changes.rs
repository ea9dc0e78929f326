//! Which deployments have changed, for lists that are shown live.

use std::collections::BTreeSet;
use tokio::sync::broadcast;
use windlass_api_types::DeploymentId;

/// Changes that a receiver may be behind. They are few (a handful per deployment), and who is further
/// behind is told so and reads the list again.
pub(super) const BACKLOG: usize = 1_024;

/// What has changed since the last time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Each once, however often it changed.
    pub deployments: BTreeSet<DeploymentId>,
    /// Whether there was more: read the list again.
    pub missed: bool,
}

impl Changed {
    fn add(&mut self, id: Option<DeploymentId>) {
        match id {
            Some(id) => drop(self.deployments.insert(id)),
            None => self.missed = true,
        }
    }
}

/// Tells which deployments' summaries have changed.
#[derive(Debug)]
pub struct Changes {
    /// None: nobody knows which.
    pub(super) receiver: broadcast::Receiver<Option<DeploymentId>>,
}

impl Changes {
    /// Waits for a change, and gives it together with those that are there by then. None: the server ends.
    pub async fn next(&mut self) -> Option<Changed> {
        let mut changed = Changed::default();
        let first = self.receiver.recv().await;
        match first {
            Ok(id) => changed.add(id),
            Err(broadcast::error::RecvError::Lagged(_)) => changed.missed = true,
            Err(broadcast::error::RecvError::Closed) => return None,
        }
        loop {
            match self.receiver.try_recv() {
                Ok(id) => changed.add(id),
                Err(broadcast::error::TryRecvError::Lagged(_)) => changed.missed = true,
                Err(_) => return Some(changed),
            }
        }
    }
}
