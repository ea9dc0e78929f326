//! The opened secrets of one deployment.

use crate::mask::Masker;
use std::collections::BTreeMap;
use std::fmt;

/// A secret's value. Nothing prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue(String);

impl SecretValue {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself: for the effect that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(***)")
    }
}

/// The secrets that a deployment pinned, with their values.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    by_name: BTreeMap<String, (u64, SecretValue)>,
}

impl Secrets {
    pub(super) fn insert(&mut self, name: &str, version: u64, value: SecretValue) {
        self.by_name.insert(name.to_owned(), (version, value));
    }

    /// The value of a pinned version.
    pub fn get(&self, name: &str, version: u64) -> Option<&SecretValue> {
        self.by_name.get(name).filter(|(pinned, _)| *pinned == version).map(|(_, value)| value)
    }

    /// The pinned version of a secret.
    pub fn version(&self, name: &str) -> Option<u64> {
        self.by_name.get(name).map(|(version, _)| *version)
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &SecretValue)> {
        self.by_name.iter().map(|(name, (_, value))| (name.as_str(), value))
    }

    /// What masks all of the values.
    pub fn masker(&self) -> Masker {
        Masker::new(self.iter().map(|(_, value)| value.expose().as_bytes()))
    }
}
