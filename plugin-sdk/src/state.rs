//! Small values that outlive a deployment: per project, environment and plugin.

use crate::{Result, host};

/// A stored value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The value.
    pub value: String,
    /// Grows with each write of the key; the first is 1.
    pub version: u64,
}

/// Reads a key; `None` where there is none.
///
/// # Errors
/// `invalid-input` (a key is 1 to 256 bytes).
pub fn get(key: &str) -> Result<Option<Entry>> {
    host::state_get(key)
}

/// Writes a key, whatever it holds, and answers the new version. A value is at most 64 KiB.
///
/// # Errors
/// `invalid-input`.
pub fn set(key: &str, value: &str) -> Result<u64> {
    host::state_set(key, value, None)
}

/// Writes a key if its version is still `expected` (0: there is none), and answers the new version.
///
/// # Errors
/// `conflict`, `invalid-input`.
pub fn compare_and_set(key: &str, value: &str, expected: u64) -> Result<u64> {
    host::state_set(key, value, Some(expected))
}

/// Removes a key, whatever it holds. A key that is not there is no error.
///
/// # Errors
/// `invalid-input`.
pub fn delete(key: &str) -> Result<()> {
    host::state_delete(key, None)
}

/// Removes a key if its version is still `expected`.
///
/// # Errors
/// `conflict`, `invalid-input`.
pub fn compare_and_delete(key: &str, expected: u64) -> Result<()> {
    host::state_delete(key, Some(expected))
}
