//! What the release carries.

use crate::{Artifact, Result, host};

/// Lists the release's artifacts, sorted by name: those of
/// [`Context::release`](crate::Context::release), as a recorded call.
///
/// # Errors
/// `internal`.
pub fn list() -> Result<Vec<Artifact>> {
    host::artifacts()
}
