//! Host keys: a target's key is pinned when it is added, and nothing else is ever trusted.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use russh::client::{self, Session};
use russh::keys::{Algorithm, HashAlg, PublicKey, PublicKeyOrCertificate};
use russh::{ChannelId, ChannelOpenFailure, Preferred};
use tokio::sync::{Mutex, mpsc};

use super::error::SshError;

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
        Some(Self { openssh: bare.to_openssh().ok()?, fingerprint: fingerprint(key) })
    }
}

/// The fingerprint of a public key in OpenSSH's format.
pub fn fingerprint_of(openssh: &str) -> Result<String, SshError> {
    let key = PublicKey::from_openssh(openssh.trim());
    key.map(|key| fingerprint(&key))
        .map_err(|error| SshError::HostKeyInvalid { target: "host key".into(), reason: error.to_string() })
}

/// `SHA256:` and base64, as `ssh-keygen -l` prints it.
pub(super) fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// The algorithms to ask the server for, so that it presents the pinned key and not another of its own.
pub(super) fn preferred_for(key: &PublicKey) -> Preferred {
    let algorithms = match key.algorithm() {
        Algorithm::Rsa { .. } => {
            vec![Algorithm::Rsa { hash: Some(HashAlg::Sha512) }, Algorithm::Rsa { hash: Some(HashAlg::Sha256) }]
        }
        other => vec![other],
    };
    Preferred { key: Cow::Owned(algorithms), ..Preferred::DEFAULT }
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

/// What the server said when it declined to open channels. The library hands only the reason's number
/// to who asked, and the words to the handler: each failure puts one here, each who failed takes one.
/// Two that fail in the same moment may be told each other's.
#[derive(Clone)]
pub(super) struct Refusals {
    // Never longer than the number of channels being opened.
    sender: mpsc::UnboundedSender<String>,
    receiver: Arc<Mutex<mpsc::UnboundedReceiver<String>>>,
}

/// The words follow the number at once, unless the connection ends in between.
const WORDS_PATIENCE: Duration = Duration::from_secs(1);

impl Refusals {
    pub(super) fn new() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        Self { sender, receiver: Arc::new(Mutex::new(receiver)) }
    }

    /// What was said about a channel that was just declined; empty where nothing was.
    pub(super) async fn next(&self) -> String {
        let next = async { self.receiver.lock().await.recv().await };
        tokio::time::timeout(WORDS_PATIENCE, next).await.ok().flatten().unwrap_or_default()
    }
}

/// The client's side of what a server may ask or tell.
pub(super) struct Guard {
    pub(super) trust: Trust,
    pub(super) refusals: Refusals,
}

impl client::Handler for Guard {
    type Error = ClientError;

    async fn check_server_key(&mut self, presented: &PublicKeyOrCertificate) -> Result<bool, ClientError> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = presented else {
            return Err(ClientError::HostKeyChanged { presented: "a certificate".to_owned() });
        };
        match &self.trust {
            Trust::Pinned(pinned) if pinned.key_data() == key.key_data() => Ok(true),
            Trust::Pinned(_) => Err(ClientError::HostKeyChanged { presented: fingerprint(key) }),
            Trust::Scan => {
                Err(ScannedHostKey::of(key)
                    .map_or(ClientError::Transport(russh::Error::UnknownKey), ClientError::Scanned))
            }
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
        // Without a receiver the connection is being dropped.
        let _ = self.refusals.sender.send(description.to_owned());
        Ok(())
    }
}
