//! One key of the vault.

use aes_gcm::{Aes256Gcm, KeyInit};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use std::fmt;

/// Names a key without telling it: the first half of its fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyId(pub(super) String);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// 256 bits for AES-256-GCM.
pub(super) struct Key {
    pub(super) id: KeyId,
    bytes: [u8; 32],
}

impl Key {
    pub(super) fn generate() -> Self {
        Self::from_bytes(rand::random())
    }

    /// From the 44 characters of base64 that [`written`](Self::written) gives.
    pub(super) fn read(text: &str) -> Option<Self> {
        STANDARD.decode(text.trim()).ok()?.try_into().ok().map(Self::from_bytes)
    }

    pub(super) fn written(&self) -> String {
        STANDARD.encode(self.bytes)
    }

    pub(super) fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&self.bytes.into())
    }

    fn from_bytes(bytes: [u8; 32]) -> Self {
        let id = KeyId(hex::encode(&Sha256::digest(bytes)[..8]));
        Self { id, bytes }
    }
}
