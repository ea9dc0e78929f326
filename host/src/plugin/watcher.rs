//! Watching the plugin directory: a file dropped there is live at once.

use super::Registry;
use notify::{RecursiveMode, Watcher as _};
use std::time::Duration;
use tokio::sync::mpsc;

/// Copying a file is many changes; the directory is read once they have been quiet this long.
const QUIET: Duration = Duration::from_millis(50);

/// Keeps the registry in step with its directory until it is dropped.
pub struct Watcher {
    _watcher: notify::RecommendedWatcher,
    task: tokio::task::JoinHandle<()>,
}

impl Watcher {
    /// Watches the registry's directory.
    pub fn start(registry: Registry) -> notify::Result<Self> {
        // One place: any number of changes ask for one reload.
        let (changed, mut changes) = mpsc::channel(1);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| !event.kind.is_access()) {
                let _ = changed.try_send(());
            }
        })?;
        watcher.watch(registry.directory(), RecursiveMode::NonRecursive)?;
        let task = tokio::spawn(async move {
            while changes.recv().await.is_some() {
                while tokio::time::timeout(QUIET, changes.recv()).await.is_ok_and(|change| change.is_some()) {}
                registry.reload().await;
            }
        });
        Ok(Self { _watcher: watcher, task })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.task.abort();
    }
}
