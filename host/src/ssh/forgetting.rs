//! Clearing away what targets keep of commands whose ends are recorded: a little later, and many at once,
//! so that no deployment waits for it and a target is not asked once per command.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::{Ssh, Sudo, TargetAddress};

/// How long the records of commands are collected before a target is asked to remove them.
const COLLECTING: Duration = Duration::from_secs(1);
/// Keys in one command line: well below what a system takes as one argument.
const MOST_KEYS: usize = 500;
/// What is not removed by then is left to a later sweep of the target.
const CLOSING_PATIENCE: Duration = Duration::from_secs(5);

/// Where the records are: a command run by root has its record in root's home.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Place {
    address: TargetAddress,
    sudo: Sudo,
}

#[derive(Default)]
pub(super) struct Forgetting {
    collected: Mutex<HashMap<Place, Vec<Uuid>>>,
    closing: CancellationToken,
    tasks: TaskTracker,
}

impl Forgetting {
    /// Adds a key. Answers whether it is the first of its place.
    fn collect(&self, place: &Place, key: Uuid) -> bool {
        let mut collected = self.collected.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = collected.entry(place.clone()).or_default();
        keys.push(key);
        keys.len() == 1
    }

    fn take(&self, place: &Place) -> Vec<Uuid> {
        self.collected.lock().unwrap_or_else(PoisonError::into_inner).remove(place).unwrap_or_default()
    }
}

impl Ssh {
    /// Has the target's record of a command removed, soon. To be called once its answer is recorded, not
    /// before: a command whose record is gone would be started again under the same key.
    pub fn forget(&self, address: &TargetAddress, key: Uuid, sudo: Sudo) {
        let place = Place { address: address.clone(), sudo };
        if self.forgetting.collect(&place, key) {
            let (ssh, forgetting) = (self.clone(), Arc::clone(&self.forgetting));
            self.forgetting.tasks.spawn(async move {
                let _ = tokio::time::timeout(COLLECTING, forgetting.closing.cancelled()).await;
                ssh.forget_now(&place, &forgetting.take(&place)).await;
            });
        }
    }

    async fn forget_now(&self, place: &Place, keys: &[Uuid]) {
        for keys in keys.chunks(MOST_KEYS) {
            let forgotten = async { self.connect(&place.address).await?.forget(keys, &place.sudo).await };
            if let Err(error) = forgotten.await {
                tracing::debug!(%error, "finished commands' records stay on the target until a later sweep");
            }
        }
    }

    /// Removes what is still to be removed, for a few seconds at most. To be called when nothing runs.
    pub async fn close(&self) {
        self.forgetting.closing.cancel();
        self.forgetting.tasks.close();
        if tokio::time::timeout(CLOSING_PATIENCE, self.forgetting.tasks.wait()).await.is_err() {
            tracing::debug!("finished commands' records stay on targets until a later sweep");
        }
    }
}
