//! What the demo notes about a process, for itself and for the demo after it.

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::demo::process_group::ProcessGroup;

/// A process that was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) group: ProcessGroup,
    pub(super) program: Program,
    /// Without the address.
    pub(super) arguments: Vec<String>,
    pub(super) address: SocketAddr,
}

/// Which build of Windlass a process is: the file it was started from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Program {
    inode: u64,
    size: u64,
    /// Nanoseconds since the Unix epoch.
    modified: i128,
}

impl Record {
    /// What was noted; nothing where that cannot be read, as after a version that noted other things.
    pub(super) fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }

    /// Replaces what was noted, in one step.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let new = path.with_extension("new");
        std::fs::write(&new, serde_json::to_vec(self)?)?;
        std::fs::rename(new, path)
    }
}

impl Program {
    /// This process's own program, even if a build has replaced or removed its file since.
    pub(super) const PATH: &str = "/proc/self/exe";

    pub(super) fn this() -> io::Result<Self> {
        let file = std::fs::metadata(Self::PATH)?;
        let modified = i128::from(file.mtime()) * 1_000_000_000 + i128::from(file.mtime_nsec());
        Ok(Self { inode: file.ino(), size: file.size(), modified })
    }
}
