//! Where the demo keeps what: the server's data, and beside it in `demo/` all that plays the outside world.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::error::DemoError;

/// The directory by which a demo is known.
const DEMO: &str = "demo";

/// The demo's data directory.
#[derive(Clone, Debug)]
pub(super) struct Place {
    root: PathBuf,
}

impl Place {
    /// Makes the directory, for its owner alone. One that holds anything but a demo is left alone: the demo
    /// deploys as it likes.
    pub(super) fn make(root: PathBuf) -> Result<Self, DemoError> {
        let root = std::path::absolute(&root).map_err(DemoError::file("find", root))?;
        let place = Self { root };
        let is_empty = fs::read_dir(&place.root).map_or(true, |mut entries| entries.next().is_none());
        if !is_empty && !place.root.join(DEMO).is_dir() {
            return Err(DemoError::ForeignDirectory(place.root));
        }
        let made = DirBuilder::new().recursive(true).mode(0o700).create(place.home());
        made.map_err(DemoError::file("make", place.home()))?;
        Ok(place)
    }

    /// Keeps other demos away from the directory, until the file is dropped or this process is gone.
    pub(super) fn lock(&self) -> Result<File, DemoError> {
        let path = self.demo("lock");
        let file = File::create(&path).map_err(DemoError::file("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(DemoError::AlreadyRuns(self.root.clone())),
            Err(TryLockError::Error(source)) => Err(DemoError::file("lock", &path)(source)),
        }
    }

    /// What the server gets as its data directory.
    pub(super) fn data_dir(&self) -> &Path {
        &self.root
    }

    /// The server's local socket.
    pub(super) fn socket(&self) -> PathBuf {
        self.root.join("windlass.sock")
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
        self.demo(&format!("{}.json", process.replace(' ', "-")))
    }

    /// What one of its processes has said.
    pub(super) fn log(&self, process: &str) -> PathBuf {
        self.demo(&format!("{}.log", process.replace(' ', "-")))
    }

    fn demo(&self, name: &str) -> PathBuf {
        self.root.join(DEMO).join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_with_other_data_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("windlass.db"), "real data").unwrap();
        let made = Place::make(directory.path().to_owned());
        assert!(matches!(made, Err(DemoError::ForeignDirectory(_))));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn one_demo_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let place = Place::make(directory.path().join("new")).unwrap();
        let lock = place.lock().unwrap();
        let again = Place::make(directory.path().join("new")).unwrap();
        assert!(matches!(again.lock(), Err(DemoError::AlreadyRuns(_))));
        drop(lock);
        again.lock().unwrap();
    }
}
