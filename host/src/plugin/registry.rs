//! The registry: every plugin that can be named, by name and version, and every pinned digest that a
//! deployment still runs. Readers take a snapshot; a reload swaps it whole.

use super::cache::Cache;
use super::{Component, Runtime, embedded, load};
use crate::event::now;
use crate::store::Store;
use arc_swap::ArcSwap;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use windlass_api_types::{Failure, plugin::Plugins, plugin::RefusedPlugin};

mod directory;
mod kept;
mod snapshot;

use snapshot::Snapshot;

/// All plugins of a server. Cheap to clone.
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
}

struct Inner {
    runtime: Runtime,
    cache: Cache,
    directory: PathBuf,
    current: ArcSwap<Snapshot>,
    /// One reload at a time.
    reloading: tokio::sync::Mutex<()>,
    /// Where loaded components are kept, for deployments that pin them; absent where nothing is deployed.
    store: Option<Store>,
    /// Components by digest, also those a newer version has replaced: deployments pin them.
    by_digest: Mutex<BTreeMap<String, Arc<Component>>>,
    changes: watch::Sender<u64>,
}

/// Why the registry could not be built.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error("the plugin cache `{path}` cannot be opened: {source}")]
    Cache { path: PathBuf, source: std::io::Error },
    #[error("the plugin directory `{path}` cannot be opened: {source}")]
    Directory { path: PathBuf, source: std::io::Error },
    #[error("the shipped plugin `{file}` does not load: {failure}")]
    Shipped { file: String, failure: Failure },
}

impl Registry {
    /// Loads the shipped plugins and those of the plugin directory. With a store, what is loaded is kept
    /// there.
    pub async fn open(
        runtime: Runtime,
        cache: &Path,
        directory: &Path,
        store: Option<Store>,
    ) -> Result<Self, RegistryError> {
        let opened = Cache::open(cache).map_err(|source| RegistryError::Cache { path: cache.into(), source })?;
        std::fs::create_dir_all(directory)
            .map_err(|source| RegistryError::Directory { path: directory.into(), source })?;
        let inner = Inner {
            runtime,
            cache: opened,
            directory: directory.into(),
            current: ArcSwap::default(),
            reloading: tokio::sync::Mutex::default(),
            store,
            by_digest: Mutex::default(),
            changes: watch::channel(0).0,
        };
        let registry = Self { inner: Arc::new(inner) };
        registry.load_shipped().await?;
        registry.reload().await;
        Ok(registry)
    }

    async fn load_shipped(&self) -> Result<(), RegistryError> {
        let mut shipped = Vec::new();
        for (file, bytes) in embedded::plugins() {
            let component = self
                .load(embedded::SOURCE, bytes)
                .await
                .map_err(|failure| RegistryError::Shipped { file: file.clone(), failure })?;
            shipped.push(component);
        }
        self.publish(Snapshot::of(shipped));
        Ok(())
    }

    /// Looks at the plugin directory again: new and changed files are loaded, and serve if they pass;
    /// a file that does not leaves what served before.
    pub async fn reload(&self) {
        let _one_at_a_time = self.inner.reloading.lock().await;
        let before = self.inner.current.load_full();
        let files = match directory::read(&self.inner.directory).await {
            Ok(files) => files,
            Err(error) => {
                tracing::warn!(directory = %self.inner.directory.display(), %error, "the plugin directory cannot be read");
                return;
            }
        };
        let mut after = Snapshot::of(before.shipped.clone());
        for (file, bytes) in files {
            let digest = load::digest(&bytes);
            if let Some(component) = before.serving(&file, &digest) {
                after.serve(file, component);
            } else if let Some(refused) = before.refusal(&file, &digest) {
                after.refuse(refused.clone(), before.last_good(&file));
            } else {
                self.load_file(&before, &mut after, file, digest, bytes).await;
            }
        }
        if after != *before {
            self.publish(after);
        }
    }

    async fn load_file(&self, before: &Snapshot, after: &mut Snapshot, file: String, digest: String, bytes: Vec<u8>) {
        match self.load(&file, bytes).await {
            Ok(component) => {
                tracing::info!(plugin = component.label(), file, "a plugin is live");
                after.serve(file, component);
            }
            Err(failure) => {
                let last_good = before.last_good(&file);
                let serving = last_good.as_ref().map(|component| component.label());
                tracing::warn!(file, %failure, serving, "a plugin was refused");
                after.refuse(RefusedPlugin { file, digest: Some(digest), failure, at: now(), serving }, last_good);
            }
        }
    }

    async fn load(&self, source: &str, bytes: Vec<u8>) -> Result<Arc<Component>, Failure> {
        let known = self.by_digest(&load::digest(&bytes)).filter(|component| component.source == source);
        if let Some(component) = known {
            return Ok(component);
        }
        let kept = self.inner.store.as_ref().map(|_| bytes.clone());
        let component = Arc::new(load::load(&self.inner.runtime, &self.inner.cache, source, bytes).await?);
        if let (Some(store), Some(bytes)) = (&self.inner.store, kept) {
            kept::keep(store, &component, &bytes).await.map_err(|error| error.failure())?;
        }
        self.digests().insert(component.digest.clone(), component.clone());
        Ok(component)
    }

    /// Loads a component for its caller alone: it is not kept, not cached, and serves nobody. It may import whatever
    /// this server links, so it is only fit for what performs nothing.
    pub async fn trial(&self, bytes: Vec<u8>) -> Result<Component, Failure> {
        load::trial(&self.inner.runtime, bytes).await
    }

    fn publish(&self, snapshot: Snapshot) {
        self.inner.current.store(Arc::new(snapshot));
        self.inner.changes.send_modify(|generation| *generation += 1);
    }

    /// Every version of a plugin that serves; of two with the same version the later wins.
    pub fn versions(&self, name: &str) -> Vec<Arc<Component>> {
        self.inner.current.load().versions(name)
    }

    /// The plugin with this digest, also where it was last loaded by an earlier process.
    pub async fn pinned(&self, digest: &str) -> Result<Option<Arc<Component>>, Failure> {
        if let Some(component) = self.by_digest(digest) {
            return Ok(Some(component));
        }
        let Some(store) = &self.inner.store else { return Ok(None) };
        match kept::find(store, digest).await.map_err(|error| error.failure())? {
            Some((source, bytes)) => self.load(&source, bytes).await.map(Some),
            None => Ok(None),
        }
    }

    /// The plugin with this digest, if this process has loaded it.
    pub fn by_digest(&self, digest: &str) -> Option<Arc<Component>> {
        self.digests().get(digest).cloned()
    }

    /// Names of all plugins.
    pub fn names(&self) -> Vec<String> {
        self.inner.current.load().names()
    }

    /// For the API.
    pub fn wire(&self) -> Plugins {
        self.inner.current.load().wire()
    }

    /// Told after each change.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changes.subscribe()
    }

    /// The directory whose files are plugins.
    pub fn directory(&self) -> &Path {
        &self.inner.directory
    }

    /// The engine the plugins run on.
    pub fn runtime(&self) -> &Runtime {
        &self.inner.runtime
    }

    fn digests(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<Component>>> {
        self.inner.by_digest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
