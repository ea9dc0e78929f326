//! What is known of an app's sources.

use std::collections::{BTreeMap, BTreeSet};

/// How deep below their directory sources are looked at: `cmd/server/main.go`.
pub const DEPTH: u32 = 3;

/// The files whose text says what the app is.
pub const READ: &[&str] = &["package.json", "go.mod", "Cargo.toml", "pyproject.toml", "Procfile"];

/// The files of an app, with the texts of those that [`READ`] names.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    names: BTreeSet<String>,
    texts: BTreeMap<String, String>,
}

impl Sources {
    /// Files by their path below the sources' directory, such as `src/main.rs`.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self { names: names.into_iter().map(Into::into).collect(), texts: BTreeMap::new() }
    }

    /// A file's text.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) {
        let name = name.into();
        self.names.insert(name.clone());
        self.texts.insert(name, text.into());
    }

    /// Whether there is such a file.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// The first of these that is there.
    pub(crate) fn first<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        names.iter().copied().find(|name| self.has(name))
    }

    /// The text of a file; absent: there is none.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// The paths there are.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// A few names for a message: files at the top, and directories with a slash.
    pub(crate) fn top_level(&self) -> Vec<String> {
        const SHOWN: usize = 8;
        let top = self.names().map(|name| match name.split_once('/') {
            Some((directory, _)) => format!("{directory}/"),
            None => name.to_owned(),
        });
        let mut top: Vec<String> = top.collect::<BTreeSet<_>>().into_iter().collect();
        if top.len() > SHOWN {
            top.truncate(SHOWN);
            top.push("…".to_owned());
        }
        top
    }
}
