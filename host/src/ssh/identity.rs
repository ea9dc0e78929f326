//! The keys with which the server signs in to a target.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use russh::client::{AuthResult, Handle};
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::{self, HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKey};

use super::TargetAddress;
use super::error::SshError;
use super::host_key::{Guard, fingerprint};

/// The key to sign in with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Identity {
    /// The server's own key in its data directory.
    Stored,
    /// A private key file on the server, not encrypted.
    File(PathBuf),
    /// The keys of the SSH agent at `SSH_AUTH_SOCK`.
    Agent,
}

/// The name of the stored key's file.
const STORED_KEY: &str = "id_ed25519";
/// The comment by which an operator finds the key in `authorized_keys`.
const COMMENT: &str = "windlass";
/// Keys of an agent that are tried; sshd hangs up after six failures (MaxAuthTries).
const AGENT_KEYS: usize = 5;

/// Reads the stored key, which is made on first use, readable by this user only.
pub(super) fn stored_key(directory: &Path) -> Result<PrivateKey, SshError> {
    let failed = |reason: String| SshError::KeyDirectory { path: directory.display().to_string(), reason };
    let path = directory.join(STORED_KEY);
    if !path.exists() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(|e| failed(e.to_string()))?;
        create_key(directory, &path).map_err(failed)?;
    }
    keys::load_secret_key(&path, None).map_err(|error| failed(format!("{STORED_KEY}: {error}")))
}

fn create_key(directory: &Path, path: &Path) -> Result<(), String> {
    let pair = Ed25519Keypair::from_seed(&rand::random());
    let key = PrivateKey::new(KeypairData::Ed25519(pair), COMMENT).map_err(|error| error.to_string())?;
    let text = key.to_openssh(LineEnding::LF).map_err(|error| error.to_string())?;
    // Written aside and linked: a crash leaves no half of a key, and the first of two wins.
    let aside = directory.join(format!("{STORED_KEY}.{}", std::process::id()));
    let written = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&aside)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| match fs::hard_link(&aside, path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        });
    let removed = fs::remove_file(&aside);
    written.and(removed).map_err(|error| error.to_string())
}

/// The line for `authorized_keys`.
pub(super) fn authorized_keys_line(key: &PublicKey) -> String {
    let line = PublicKey::new(key.key_data().clone(), COMMENT).to_openssh();
    line.expect("a key that was parsed or made here can be written")
}

/// Signs in. `Ok(())` means that the connection may be used.
pub(super) async fn authenticate(
    handle: &mut Handle<Guard>,
    address: &TargetAddress,
    stored: &Arc<PrivateKey>,
) -> Result<(), SshError> {
    match &address.identity {
        Identity::Stored => with_key(handle, address, Arc::clone(stored), "the server's own key").await,
        Identity::File(path) => {
            let key = read_key_file(path, address)?;
            with_key(handle, address, Arc::new(key), &path.display().to_string()).await
        }
        Identity::Agent => with_agent(handle, address).await,
    }
}

fn read_key_file(path: &Path, address: &TargetAddress) -> Result<PrivateKey, SshError> {
    let unusable = |reason: String, hint: String| SshError::IdentityUnusable {
        target: address.name.clone(),
        reason: format!("the key file {} {reason}", path.display()),
        hint,
    };
    let encrypted = || {
        unusable(
            "is encrypted".to_owned(),
            format!(
                "load it into an SSH agent (ssh-add {}) and use the agent, or use a key without a passphrase",
                path.display()
            ),
        )
    };
    match keys::load_secret_key(path, None) {
        Ok(key) if key.is_encrypted() => Err(encrypted()),
        Ok(key) => Ok(key),
        Err(keys::Error::KeyIsEncrypted) => Err(encrypted()),
        Err(keys::Error::IO(error)) => {
            Err(unusable(format!("cannot be read: {error}"), "check the path and its permissions".to_owned()))
        }
        Err(error) => Err(unusable(
            format!("is not a private key: {error}"),
            "name the private key, not the .pub file beside it".to_owned(),
        )),
    }
}

async fn with_key(
    handle: &mut Handle<Guard>,
    address: &TargetAddress,
    key: Arc<PrivateKey>,
    name: &str,
) -> Result<(), SshError> {
    let public = key.public_key().clone();
    let hash = rsa_hash(handle, &public).await;
    let offer = PrivateKeyWithHashAlg::new(key, hash);
    let answer = handle.authenticate_publickey(address.user.clone(), offer).await;
    let answer = answer.map_err(|error| lost(address, &error.to_string()))?;
    if answer.success() {
        return Ok(());
    }
    if hung_up(handle, &answer) {
        return Err(lost(address, "the server hung up"));
    }
    Err(SshError::AuthenticationFailed {
        target: address.name.clone(),
        user: address.user.clone(),
        offered: vec![format!("{name} ({})", fingerprint(&public))],
        authorized_keys_line: Some(authorized_keys_line(&public)),
    })
}

async fn with_agent(handle: &mut Handle<Guard>, address: &TargetAddress) -> Result<(), SshError> {
    let unusable = |reason: String| SshError::IdentityUnusable {
        target: address.name.clone(),
        reason,
        hint: "start an agent, add the key with ssh-add, and start the server with its SSH_AUTH_SOCK".to_owned(),
    };
    let mut agent =
        AgentClient::connect_env().await.map_err(|error| unusable(format!("no SSH agent answers: {error}")))?;
    if let Some(binding) = handle.agent_session_binding() {
        // Agents without destination constraints need not know the request.
        let _ = agent.bind_session(binding, false).await;
    }
    let identities = agent.request_identities().await;
    let identities = identities.map_err(|error| unusable(format!("the SSH agent failed: {error}")))?;
    let mut offered = Vec::new();
    for key in identities.iter().filter_map(plain_key).take(AGENT_KEYS) {
        let hash = rsa_hash(handle, &key).await;
        offered.push(format!("{} ({})", key.comment(), fingerprint(&key)));
        match handle.authenticate_publickey_with(address.user.clone(), key, hash, &mut agent).await {
            Ok(answer) if answer.success() => return Ok(()),
            Ok(answer) if hung_up(handle, &answer) => {
                return Err(lost(address, "the server hung up"));
            }
            // Refused by the target, or the agent would not sign: another key may do.
            Ok(_) | Err(_) => {}
        }
    }
    if offered.is_empty() {
        return Err(unusable("the SSH agent holds no keys".to_owned()));
    }
    Err(SshError::AuthenticationFailed {
        target: address.name.clone(),
        user: address.user.clone(),
        offered,
        authorized_keys_line: None,
    })
}

fn plain_key(identity: &AgentIdentity) -> Option<PublicKey> {
    match identity {
        AgentIdentity::PublicKey { key, comment } => Some(PublicKey::new(key.key_data().clone(), comment.clone())),
        AgentIdentity::Certificate { .. } => None,
    }
}

/// RSA keys sign with SHA-2: servers refuse SHA-1 by now.
async fn rsa_hash(handle: &Handle<Guard>, key: &PublicKey) -> Option<HashAlg> {
    if !key.algorithm().is_rsa() {
        return None;
    }
    match handle.best_supported_rsa_hash().await {
        Ok(Some(Some(hash))) => Some(hash),
        _ => Some(HashAlg::Sha256),
    }
}

/// The library tells a connection that ended while it signed in as a refusal without other methods.
fn hung_up(handle: &Handle<Guard>, answer: &AuthResult) -> bool {
    matches!(answer, AuthResult::Failure { remaining_methods, .. } if remaining_methods.is_empty())
        && handle.is_closed()
}

fn lost(address: &TargetAddress, reason: &str) -> SshError {
    SshError::ConnectionLost { target: address.name.clone(), during: format!("while signing in: {reason}") }
}
