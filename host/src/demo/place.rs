//! Where the demo keeps what: the server's data, and beside it in `demo/` all that plays the outside world.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The demo's data directory.
#[derive(Clone, Debug)]
pub(super) struct Place {
    root: PathBuf,
}

impl Place {
    /// Makes the directory, for its owner alone.
    pub(super) fn make(root: PathBuf) -> io::Result<Self> {
        let root = std::path::absolute(root)?;
        let place = Self { root };
        DirBuilder::new().recursive(true).mode(0o700).create(place.home())?;
        Ok(place)
    }

    /// What the server gets as its data directory.
    pub(super) fn data_dir(&self) -> &Path {
        &self.root
    }

    /// The server's local socket.
    pub(super) fn socket(&self) -> PathBuf {
        self.root.join("windlass.sock")
    }

    /// Held by the one demo that may run here.
    pub(super) fn lock(&self) -> PathBuf {
        self.demo("lock")
    }

    /// The home directory on the demo's target.
    pub(super) fn home(&self) -> PathBuf {
        self.demo("home")
    }

    pub(super) fn host_key(&self) -> PathBuf {
        self.demo("host_key")
    }

    /// The key that opens the target.
    pub(super) fn client_key(&self) -> PathBuf {
        self.demo("client_key")
    }

    /// What the demo notes about one of its processes.
    pub(super) fn record(&self, process: &str) -> PathBuf {
        self.demo(&format!("{process}.json"))
    }

    /// What one of its processes has said.
    pub(super) fn log(&self, process: &str) -> PathBuf {
        self.demo(&format!("{process}.log"))
    }

    fn demo(&self, name: &str) -> PathBuf {
        self.root.join("demo").join(name)
    }
}
