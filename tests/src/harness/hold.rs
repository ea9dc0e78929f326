//! Stopping a deployment in its middle for as long as a test wants.

use super::wait::until;
use std::fs;
use std::path::{Path, PathBuf};

/// A shell line that says that it is there, and then waits while it is held.
pub(crate) const WAIT: &str = "touch \"$HOME/held\"; while [ -e \"$HOME/hold\" ]; do sleep 0.05; done";

/// While this lives, a deployment that comes to [`WAIT`] stays there.
pub(crate) struct Hold {
    home: PathBuf,
}

impl Hold {
    pub(super) fn new(home: &Path) -> Self {
        let _ = fs::remove_file(home.join("held"));
        fs::write(home.join("hold"), "").expect("the target's home can be written");
        Self { home: home.to_owned() }
    }

    /// Waits until a deployment is there.
    pub(crate) async fn reached(&self) {
        until("a deployment to come to the place where it is held", async || {
            self.home.join("held").exists().then_some(())
        })
        .await;
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // Gone where the whole site is.
        let _ = fs::remove_file(self.home.join("hold"));
    }
}
