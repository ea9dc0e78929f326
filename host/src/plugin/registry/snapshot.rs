//! What the registry serves at one moment.

use super::Component;
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api_types::plugin::{Plugins, RefusedPlugin};

/// An immutable view of the registry.
#[derive(Default)]
pub(super) struct Snapshot {
    /// Embedded in the binary.
    pub(super) shipped: Vec<Arc<Component>>,
    /// By file name: what serves.
    files: BTreeMap<String, Arc<Component>>,
    /// Files that do not serve.
    refused: Vec<RefusedPlugin>,
}

impl Snapshot {
    /// Only the shipped plugins.
    pub(super) fn of(shipped: Vec<Arc<Component>>) -> Self {
        Self { shipped, ..Self::default() }
    }

    pub(super) fn serve(&mut self, file: String, component: Arc<Component>) {
        self.files.insert(file, component);
    }

    /// Notes a refused file; the last good version of the file goes on.
    pub(super) fn refuse(&mut self, refused: RefusedPlugin, last_good: Option<Arc<Component>>) {
        if let Some(component) = last_good {
            self.files.insert(refused.file.clone(), component);
        }
        self.refused.push(refused);
    }

    pub(super) fn serving(&self, file: &str, digest: &str) -> Option<Arc<Component>> {
        self.files.get(file).filter(|component| component.digest == digest).cloned()
    }

    pub(super) fn last_good(&self, file: &str) -> Option<Arc<Component>> {
        self.files.get(file).cloned()
    }

    pub(super) fn refusal(&self, file: &str, digest: &str) -> Option<&RefusedPlugin> {
        self.refused.iter().find(|refused| refused.file == file && refused.digest.as_deref() == Some(digest))
    }

    /// Every version of a plugin, shipped ones first.
    pub(super) fn versions(&self, name: &str) -> Vec<Arc<Component>> {
        self.all().filter(|component| component.manifest.name == name).cloned().collect()
    }

    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.all().map(|component| component.manifest.name.clone()).collect();
        names.sort();
        names.dedup();
        names
    }

    pub(super) fn wire(&self) -> Plugins {
        let mut plugins: Vec<_> = self.all().map(|component| component.wire()).collect();
        plugins.sort_by(|a, b| (&a.name, &a.version, &a.source).cmp(&(&b.name, &b.version, &b.source)));
        Plugins { plugins, refused: self.refused.clone() }
    }

    /// Shipped plugins first: whoever takes the last of equals takes the file.
    fn all(&self) -> impl Iterator<Item = &Arc<Component>> {
        self.shipped.iter().chain(self.files.values())
    }
}

impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        let digests = |snapshot: &Self| -> Vec<(String, String)> {
            snapshot.files.iter().map(|(file, component)| (file.clone(), component.digest.clone())).collect()
        };
        digests(self) == digests(other) && self.refused == other.refused
    }
}
