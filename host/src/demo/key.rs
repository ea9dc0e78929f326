//! The demo's own SSH keys, each a file made on first use: the target's host key, and the key that opens it.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::{PrivateKey, PublicKey, load_secret_key};

/// Why a key file is of no use.
#[derive(Debug, thiserror::Error)]
#[error("the key {} cannot be used: {reason}", path.display())]
pub struct KeyError {
    pub path: PathBuf,
    pub reason: String,
}

/// The private key in a file; where there is none, a new Ed25519 key, which only its owner may read.
pub(super) fn load_or_make(path: &Path) -> Result<PrivateKey, KeyError> {
    let failed = |reason: String| KeyError { path: path.to_owned(), reason };
    if !path.exists() {
        let pair = Ed25519Keypair::from_seed(&rand::random());
        let key = PrivateKey::new(KeypairData::Ed25519(pair), "").map_err(|error| failed(error.to_string()))?;
        let text = key.to_openssh(LineEnding::LF).map_err(|error| failed(error.to_string()))?;
        std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| failed(error.to_string()))?;
    }
    load_secret_key(path, None).map_err(|error| failed(error.to_string()))
}

/// The public half in OpenSSH's format, as in `authorized_keys` and `known_hosts`.
pub(super) fn public_line(path: &Path) -> Result<String, KeyError> {
    let bare = PublicKey::new(load_or_make(path)?.public_key().key_data().clone(), "");
    bare.to_openssh().map_err(|error| KeyError { path: path.to_owned(), reason: error.to_string() })
}
