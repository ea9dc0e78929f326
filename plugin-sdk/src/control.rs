//! What a stage may do with its own run.

use crate::{Error, Result, host};
use serde::Serialize;
use std::time::Duration;

/// Waits; at most 24 hours. In a dry run it returns at once.
///
/// # Errors
/// `invalid-input`, `canceled`.
pub fn sleep(duration: Duration) -> Result<()> {
    host::sleep(duration)
}

/// Stores what `undo` and a retry of the stage will need, at most 64 KiB of JSON; it replaces what was
/// stored before. See [`Context::checkpoint`](crate::Context::checkpoint).
///
/// # Errors
/// `invalid-input` where the value is not JSON or is too large.
pub fn checkpoint<T: Serialize>(value: &T) -> Result<()> {
    let json = serde_json::to_string(value)
        .map_err(|error| Error::invalid_input(format!("the checkpoint is not JSON: {error}")))?;
    host::checkpoint(json)
}
