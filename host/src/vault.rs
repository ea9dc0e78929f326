//! The vault: secrets of environments, encrypted at rest, in immutable versions; and the credentials of DNS zones.
//!
//! A value goes in and is never shown again. It comes out where an effect needs it ([`Secrets`]), and is
//! masked in everything that is recorded.

mod key;
mod ring;
mod seal;
mod secrets;
mod zones;

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use crate::store::{NewSecret, Store, StoreError};
use windlass_api_types::project::{SecretInfo, SecretVersions};
use windlass_api_types::{EnvironmentId, ErrorKind, Failure, Timestamp};

use key::KeyId;
use ring::KeyRing;
use seal::Place;
pub use secrets::{SecretValue, Secrets};
pub use zones::OpenZone;

/// The longest value: a certificate chain fits, a file does not.
const LONGEST: usize = 64 * 1024;

/// The setting that says with which key the servers of a shared database encrypt.
const AGREED: &str = "secrets-key";

/// What can go wrong with secrets.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys cannot be read or written.
    #[error("the keys of the secrets at {place} cannot be used: {reason}")]
    Keys { place: String, reason: String },
    #[error("the {what} was encrypted with the key {key}, which this server does not have")]
    KeyMissing { what: String, key: KeyId },
    /// Servers that share a database share a key.
    #[error(
        "the servers of this database encrypt secrets with the key {key}, which is not among those of this server ({place})"
    )]
    OtherKey { key: KeyId, place: String },
    #[error("the {what} is damaged: it does not decrypt")]
    Damaged { what: String },
    #[error("the environment has no secret `{name}`")]
    Missing { name: String },
    #[error("{0}")]
    Refused(String),
}

impl VaultError {
    /// The form in which events and the API carry it.
    pub fn failure(&self) -> Failure {
        let of = |kind, code: &str| Failure::new(kind, code, self.to_string());
        match self {
            Self::Store(error) => error.failure(),
            Self::Keys { .. } => of(ErrorKind::Failed, "secret-keys")
                .hint("restore the file from a backup, or give the keys in WINDLASS_SECRETS_KEY"),
            Self::KeyMissing { .. } => of(ErrorKind::Failed, "secret-key-missing").hint(
                "give the key back (keys/secrets.keys in the data directory, or WINDLASS_SECRETS_KEY; where several servers \
                 share a database each needs the same), or set it again",
            ),
            Self::OtherKey { .. } => of(ErrorKind::Conflict, "other-secret-key").hint(
                "copy keys/secrets.keys from the data directory of another server into this one's and start it again, \
                 or give all servers the same WINDLASS_SECRETS_KEY",
            ),
            Self::Damaged { .. } => of(ErrorKind::Failed, "secret-damaged").hint("set it again"),
            Self::Missing { name } => of(ErrorKind::NotFound, "no-such-secret")
                .hint(format!("set it: windlass secret set PROJECT/ENVIRONMENT {name}")),
            Self::Refused(_) => of(ErrorKind::InvalidInput, "bad-secret"),
        }
    }
}

/// Sets and opens secrets. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    store: Store,
    ring: Arc<RwLock<KeyRing>>,
}

impl Vault {
    /// Reads the keys: from `WINDLASS_SECRETS_KEY` where it is set, else from the data directory, where they
    /// are made on first use.
    pub fn open(store: Store, data_dir: &Path) -> Result<Self, VaultError> {
        let ring = KeyRing::open(&data_dir.join("keys"), std::env::var(ring::VARIABLE).ok())?;
        Ok(Self { store, ring: Arc::new(RwLock::new(ring)) })
    }

    /// Stores a value as the newest version of a secret.
    pub async fn set(
        &self,
        environment: EnvironmentId,
        name: &str,
        value: &SecretValue,
        actor: &str,
        now: Timestamp,
    ) -> Result<SecretInfo, VaultError> {
        check_name(name)?;
        check_value(name, value)?;
        self.agree().await?;
        let version = self.store.next_secret_version(environment, name).await?;
        let new = NewSecret {
            environment,
            name: name.to_owned(),
            version,
            sealed: self.seal(&Place::Secret { environment, name, version }, value),
            created_at: now,
            created_by: actor.to_owned(),
        };
        Ok(self.store.insert_secret(&new).await?)
    }

    /// The secrets of an environment, without values, by name.
    pub async fn list(&self, environment: EnvironmentId) -> Result<Vec<SecretInfo>, VaultError> {
        Ok(self.store.secrets(environment).await?)
    }

    /// Takes a secret away. Deployments that pinned a version keep it.
    pub async fn remove(&self, environment: EnvironmentId, name: &str, now: Timestamp) -> Result<(), VaultError> {
        match self.store.remove_secret(environment, name, now).await? {
            true => Ok(()),
            false => Err(VaultError::Missing { name: name.to_owned() }),
        }
    }

    /// Copies secrets to another environment; those that are there already stay as they are unless
    /// `replace`. Answers what was copied.
    pub async fn copy(
        &self,
        from: EnvironmentId,
        to: EnvironmentId,
        replace: bool,
        actor: &str,
        now: Timestamp,
    ) -> Result<Vec<SecretInfo>, VaultError> {
        let there: Vec<String> = self.list(to).await?.into_iter().map(|secret| secret.name).collect();
        let secrets = self.secrets(from, &self.versions(from).await?).await?;
        let mut copied = Vec::new();
        for (name, value) in secrets.iter().filter(|(name, _)| replace || !there.iter().any(|there| there == name)) {
            copied.push(self.set(to, name, value, actor, now).await?);
        }
        Ok(copied)
    }

    /// The newest version of each secret: what a deployment pins.
    pub async fn versions(&self, environment: EnvironmentId) -> Result<SecretVersions, VaultError> {
        Ok(self.list(environment).await?.into_iter().map(|secret| (secret.name, secret.version)).collect())
    }

    /// The values of pinned versions.
    pub async fn secrets(&self, environment: EnvironmentId, versions: &SecretVersions) -> Result<Secrets, VaultError> {
        let mut secrets = Secrets::default();
        for (name, version) in versions {
            let sealed = self.store.sealed_secret(environment, name, *version).await?;
            let sealed = sealed.ok_or_else(|| VaultError::Missing { name: name.clone() })?;
            let value = self.unseal(&Place::Secret { environment, name, version: *version }, &sealed)?;
            secrets.insert(name, *version, value);
        }
        Ok(secrets)
    }

    /// Encrypts everything with a new key, and forgets the old ones. Answers how many values there were.
    /// Where the keys come from the variable, its first key is the new one.
    pub async fn rotate(&self) -> Result<u64, VaultError> {
        self.ring_mut(KeyRing::add)?;
        let mut count = 0;
        for stored in self.store.sealed_secrets().await? {
            let place = Place::Secret { environment: stored.environment, name: &stored.name, version: stored.version };
            let value = self.unseal(&place, &stored.sealed)?;
            self.store.reseal_secret(&stored, &self.seal(&place, &value)).await?;
            count += 1;
        }
        count += self.reseal_zones().await?;
        self.ring_mut(KeyRing::forget_old)?;
        if self.store.is_shared() {
            self.store.put_setting(AGREED, &self.current_key().0).await?;
        }
        Ok(count)
    }

    /// Sees that this server has the key with which the others encrypt; the first server says which one that is.
    /// Asked when a server starts, and before something is encrypted.
    pub async fn agree(&self) -> Result<(), VaultError> {
        if !self.store.is_shared() {
            return Ok(());
        }
        let key = KeyId(self.store.setting_or(AGREED, &self.current_key().0).await?);
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        match ring.get(&key) {
            Some(_) => Ok(()),
            None => Err(VaultError::OtherKey { key, place: ring.place() }),
        }
    }

    fn current_key(&self) -> KeyId {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).current().id.clone()
    }

    fn seal(&self, place: &Place<'_>, value: &SecretValue) -> String {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        seal::seal(ring.current(), place, value.expose().as_bytes())
    }

    fn unseal(&self, place: &Place<'_>, sealed: &str) -> Result<SecretValue, VaultError> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let damaged = || VaultError::Damaged { what: place.to_string() };
        let id = seal::key_of(sealed).ok_or_else(damaged)?;
        let key = ring.get(&id).ok_or_else(|| VaultError::KeyMissing { what: place.to_string(), key: id })?;
        let opened = seal::unseal(key, place, sealed).ok_or_else(damaged)?;
        String::from_utf8(opened).map(SecretValue::new).map_err(|_| damaged())
    }

    fn ring_mut(&self, change: impl FnOnce(&mut KeyRing) -> Result<(), VaultError>) -> Result<(), VaultError> {
        change(&mut self.ring.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Refuses what cannot be the name of a secret.
pub fn check_name(name: &str) -> Result<(), VaultError> {
    let first = name.bytes().next().is_some_and(|first| first == b'_' || first.is_ascii_alphabetic());
    let rest = name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
    match first && rest && name.len() <= 100 {
        true => Ok(()),
        false => Err(VaultError::Refused(format!(
            "`{name}` cannot be the name of a secret: letters, digits and underscores, at most 100, and the first is no digit"
        ))),
    }
}

fn check_value(name: &str, value: &SecretValue) -> Result<(), VaultError> {
    let value = value.expose();
    let refused = |reason: &str| Err(VaultError::Refused(format!("the value of `{name}` {reason}")));
    match value.len() {
        0 => refused("is empty"),
        length if length > LONGEST => refused("is longer than 64 KiB"),
        length if length < crate::mask::SHORTEST => {
            refused("has less than 4 characters: it could not be masked in logs, it would be found in every text")
        }
        _ if value.contains('\0') => refused("holds a NUL character"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
