//! A data directory has one owner.

use super::StartError;
use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// Held as long as the process owns the directory; the kernel lets go of it however the process ends.
pub(super) struct DataLock {
    _file: File,
}

impl DataLock {
    /// Makes the directory where there is none, private to this account, and takes it.
    pub(super) fn take(directory: &Path) -> Result<Self, StartError> {
        let unusable = |source| StartError::DataDir { path: directory.into(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(unusable)?;
        let file = File::create(directory.join("lock")).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StartError::Owned { path: directory.into() }),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }
}
