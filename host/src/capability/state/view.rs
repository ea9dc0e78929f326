//! The state of one plugin in one environment, as a deployment sees it: the store's values under what
//! this deployment has written. In a plan nothing of it is ever committed.

use super::Entry;
use crate::store::{StateEntry, StateWrite, Store};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use windlass_api_types::{EnvironmentId, ErrorKind, Failure};

/// Cheap to clone; shared by all stage runs of a plugin in a deployment.
#[derive(Clone)]
pub struct StateView {
    store: Store,
    environment: EnvironmentId,
    plugin: String,
    /// What was read or written so far; nothing where a key is not there.
    overlay: Arc<Mutex<HashMap<String, Option<StateEntry>>>>,
}

impl StateView {
    pub fn new(store: Store, environment: EnvironmentId, plugin: impl Into<String>) -> Self {
        Self { store, environment, plugin: plugin.into(), overlay: Arc::default() }
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<Entry>, Failure> {
        self.load(key).await?;
        let entry = self.overlay().get(key).cloned().flatten();
        Ok(entry.map(|entry| Entry { value: entry.value, version: entry.version }))
    }

    /// Changes a key here, and answers the write that makes it last.
    pub(super) async fn set(
        &self,
        key: String,
        value: Option<String>,
        expected: Option<u64>,
    ) -> Result<(u64, StateWrite), Failure> {
        self.load(&key).await?;
        let mut overlay = self.overlay();
        let slot = overlay.entry(key.clone()).or_default();
        let current = slot.as_ref().map_or(0, |entry| entry.version);
        if let Some(expected) = expected.filter(|expected| *expected != current) {
            return Err(Failure::new(
                ErrorKind::Conflict,
                "state-changed",
                format!("the state `{key}` has version {current}, not {expected}"),
            ));
        }
        let version = current + 1;
        *slot = value.map(|value| StateEntry { value, version });
        let write = StateWrite { environment: self.environment, plugin: self.plugin.clone(), key, entry: slot.clone() };
        Ok((version, write))
    }

    async fn load(&self, key: &str) -> Result<(), Failure> {
        if self.overlay().contains_key(key) {
            return Ok(());
        }
        let stored =
            self.store.state_get(self.environment, &self.plugin, key).await.map_err(|error| error.failure())?;
        self.overlay().entry(key.into()).or_insert(stored);
        Ok(())
    }

    fn overlay(&self) -> MutexGuard<'_, HashMap<String, Option<StateEntry>>> {
        self.overlay.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
