//! Files on a target.
//!
//! Paths are absolute, or relative to the home directory of the connection's user.

use crate::{Result, Text, host};

/// How many bytes [`read`] reads at most: a file that a stage reads is configuration, not content.
pub const DEFAULT_READ_BYTES: u32 = 1024 * 1024;

/// A file to write, as the host gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteRequest {
    /// The name of a target of this environment.
    pub target: String,
    /// Where.
    pub path: String,
    /// What.
    pub contents: Text,
    /// Permission bits; absent: 0o644.
    pub mode: Option<u32>,
    /// `user` or `user:group`; absent: the connection's user.
    pub owner: Option<String>,
    /// Write as root through `sudo -n`.
    pub sudo: bool,
    /// Make the missing parent directories.
    pub parents: bool,
}

/// A file that is about to be written; [`send`](Write::send) writes it.
#[derive(Debug, Clone)]
#[must_use = "nothing is written until `send` is called"]
pub struct Write(WriteRequest);

/// Writes a file atomically: a reader sees the old contents or the new, never a part.
pub fn write(target: impl Into<String>, path: impl Into<String>, contents: impl Into<Text>) -> Write {
    Write(WriteRequest {
        target: target.into(),
        path: path.into(),
        contents: contents.into(),
        mode: None,
        owner: None,
        sudo: false,
        parents: false,
    })
}

impl Write {
    /// Permission bits, such as `0o600`.
    pub fn mode(mut self, mode: u32) -> Self {
        self.0.mode = Some(mode);
        self
    }

    /// `user` or `user:group`; implies [`sudo`](Self::sudo).
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.0.owner = Some(owner.into());
        self.sudo()
    }

    /// Write as root through `sudo -n`.
    pub fn sudo(mut self) -> Self {
        self.0.sudo = true;
        self
    }

    /// Make the missing parent directories.
    pub fn parents(mut self) -> Self {
        self.0.parents = true;
        self
    }

    /// Writes the file.
    ///
    /// # Errors
    /// `denied`, `unreachable`, `failed` (`no-space`, `permission-denied`, `is-a-directory`).
    pub fn send(self) -> Result<()> {
        host::write_file(self.0)
    }
}

/// Reads a file of at most 1 MiB.
///
/// # Errors
/// `denied`, `unreachable`, `not-found`, `failed` (`too-large`, `permission-denied`).
pub fn read(target: impl Into<String>, path: impl Into<String>) -> Result<Vec<u8>> {
    host::read_file(ReadRequest { target: target.into(), path: path.into(), max_bytes: DEFAULT_READ_BYTES })
}

/// A file to read, as the host gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRequest {
    /// The name of a target of this environment.
    pub target: String,
    /// Where.
    pub path: String,
    /// A larger file is an error.
    pub max_bytes: u32,
}

/// An archive to unpack, as the host gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnpackRequest {
    /// The name of a target of this environment.
    pub target: String,
    /// The digest of one of the release's artifacts.
    pub artifact: String,
    /// The directory to make.
    pub directory: String,
    /// Unpack as root through `sudo -n`.
    pub sudo: bool,
}

/// What unpacking answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpacked {
    /// Bytes sent over the connection; 0 where the directory already held this artifact.
    pub sent_bytes: u64,
}

/// A directory to fill from an artifact, as the host gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncRequest {
    /// The name of a target of this environment.
    pub target: String,
    /// The digest of one of the release's artifacts.
    pub artifact: String,
    /// The directory to fill.
    pub directory: String,
    /// Remove what the artifact does not have.
    pub delete: bool,
    /// `user` or `user:group`; absent: the connection's user. Needs `sudo`.
    pub owner: Option<String>,
    /// Write as root through `sudo -n`.
    pub sudo: bool,
}

/// What filling a directory answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Synced {
    /// Bytes sent over the connection.
    pub sent_bytes: u64,
    /// Files and directories that were removed.
    pub removed: u64,
}

/// A directory that is about to be filled; [`send`](Sync::send) does it.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent until `send` is called"]
pub struct Sync(SyncRequest);

/// Puts an artifact's files into a directory that lives on: each file appears whole, the directory does not
/// change in one step. What else is in it stays, unless [`delete`](Sync::delete) says otherwise.
pub fn sync(target: impl Into<String>, digest: impl Into<String>, directory: impl Into<String>) -> Sync {
    Sync(SyncRequest {
        target: target.into(),
        artifact: digest.into(),
        directory: directory.into(),
        delete: false,
        owner: None,
        sudo: false,
    })
}

impl Sync {
    /// Remove what the artifact does not have, so that the directory is exactly the artifact.
    pub fn delete(mut self) -> Self {
        self.0.delete = true;
        self
    }

    /// `user` or `user:group` of all that is sent. Needs [`sudo`](Self::sudo).
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.0.owner = Some(owner.into());
        self
    }

    /// Write as root through `sudo -n`.
    pub fn sudo(mut self) -> Self {
        self.0.sudo = true;
        self
    }

    /// Sends it.
    ///
    /// # Errors
    /// `denied`, `unreachable`, `not-found`, `failed` (`no-space`, `permission-denied`, `bad-archive`,
    /// `not-a-directory`).
    pub fn send(self) -> Result<Synced> {
        host::sync(self.0)
    }
}

/// An archive that is about to be unpacked; [`send`](Unpack::send) does it.
#[derive(Debug, Clone)]
#[must_use = "nothing is unpacked until `send` is called"]
pub struct Unpack(UnpackRequest);

/// Sends an artifact to a target and unpacks it there. The directory appears whole or not at all, and
/// what was there before is replaced. The bytes never pass through the plugin.
pub fn unpack(target: impl Into<String>, digest: impl Into<String>, directory: impl Into<String>) -> Unpack {
    Unpack(UnpackRequest { target: target.into(), artifact: digest.into(), directory: directory.into(), sudo: false })
}

impl Unpack {
    /// Unpack as root through `sudo -n`.
    pub fn sudo(mut self) -> Self {
        self.0.sudo = true;
        self
    }

    /// Sends and unpacks it.
    ///
    /// # Errors
    /// `denied`, `unreachable`, `not-found`, `failed` (`no-space`, `permission-denied`, `bad-archive`).
    pub fn send(self) -> Result<Unpacked> {
        host::unpack(self.0)
    }
}
