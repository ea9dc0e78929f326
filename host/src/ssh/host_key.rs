//! Host keys: a target's key is pinned when it is added, and nothing else is ever trusted.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use russh::client::{self, Session};
use russh::keys::{Algorithm, HashAlg, PublicKey, PublicKeyOrCertificate};
use russh::{ChannelId, ChannelOpenFailure, Preferred};

/// A host key as a server presented it, not yet trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannedHostKey {
    /// The public key in OpenSSH's format, without a comment.
    pub openssh: String,
    /// `SHA256:` and base64, as `ssh-keygen -l` prints it.
    pub fingerprint: String,
}

impl ScannedHostKey {
    fn of(key: &PublicKey) -> Option<Self> {
        let bare = PublicKey::new(key.key_data().clone(), "");
        Some(Self {
            openssh: bare.to_openssh().ok()?,
            fingerprint: fingerprint(key),
        })
    }
}

/// `SHA256:` and base64, as `ssh-keygen -l` prints it.
pub(super) fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// The algorithms to ask the server for, so that it presents the pinned key and not another of its own.
pub(super) fn preferred_for(key: &PublicKey) -> Preferred {
    let algorithms = match key.algorithm() {
        Algorithm::Rsa { .. } => {
            vec![
                Algorithm::Rsa {
                    hash: Some(HashAlg::Sha512),
                },
                Algorithm::Rsa {
                    hash: Some(HashAlg::Sha256),
                },
            ]
        }
        other => vec![other],
    };
    Preferred {
        key: Cow::Owned(algorithms),
        ..Preferred::DEFAULT
    }
}

/// What to do with the key that the server presents.
pub(super) enum Trust {
    Pinned(PublicKey),
    /// Look at it and hang up.
    Scan,
}

/// Why the client hung up, so that a foreign key can be told from a broken line.
#[derive(Debug)]
pub(super) enum ClientError {
    Transport(russh::Error),
    HostKeyChanged { presented: String },
    Scanned(ScannedHostKey),
}

impl From<russh::Error> for ClientError {
    fn from(error: russh::Error) -> Self {
        Self::Transport(error)
    }
}

/// What the server said when it last declined to open a channel. The library keeps only the reason's
/// number. Two that fail in the same moment may be told the same text.
#[derive(Clone, Default)]
pub(super) struct LastRefusal(Arc<Mutex<Option<String>>>);

impl LastRefusal {
    pub(super) fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, text: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.to_owned());
    }
}

/// The client's side of what a server may ask or tell.
pub(super) struct Guard {
    pub(super) trust: Trust,
    pub(super) refusal: LastRefusal,
}

impl client::Handler for Guard {
    type Error = ClientError;

    async fn check_server_key(
        &mut self,
        presented: &PublicKeyOrCertificate,
    ) -> Result<bool, ClientError> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = presented else {
            return Err(ClientError::HostKeyChanged {
                presented: "a certificate".to_owned(),
            });
        };
        match &self.trust {
            Trust::Pinned(pinned) if pinned.key_data() == key.key_data() => Ok(true),
            Trust::Pinned(_) => Err(ClientError::HostKeyChanged {
                presented: fingerprint(key),
            }),
            Trust::Scan => Err(ScannedHostKey::of(key).map_or(
                ClientError::Transport(russh::Error::UnknownKey),
                ClientError::Scanned,
            )),
        }
    }

    async fn channel_open_failure(
        &mut self,
        _channel: ChannelId,
        _reason: ChannelOpenFailure,
        description: &str,
        _language: &str,
        _session: &mut Session,
    ) -> Result<(), ClientError> {
        self.refusal.set(description);
        Ok(())
    }
}
