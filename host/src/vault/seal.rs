//! Encryption of one value: AES-256-GCM with a random nonce, bound to the row it stands in, so that a
//! ciphertext moved to another row does not decrypt.
//!
//! Written as `1.<key id>.<base64 of nonce and ciphertext>`.

use super::key::{Key, KeyId};
use aes_gcm::aead::{Aead, Payload};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use windlass_api_types::EnvironmentId;

const FORMAT: &str = "1";
const NONCE: usize = 12;

/// The row that a value stands in.
pub(super) enum Place<'a> {
    Secret { environment: EnvironmentId, name: &'a str, version: u64 },
    Zone { name: &'a str },
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Secret { environment, name, version } => {
                format!("windlass secret\n{environment}\n{name}\n{version}").into_bytes()
            }
            Self::Zone { name } => format!("windlass zone\n{name}").into_bytes(),
        }
    }
}

/// As errors call it.
impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Secret { name, .. } => write!(f, "secret `{name}`"),
            Self::Zone { name } => write!(f, "key of the zone `{name}`"),
        }
    }
}

pub(super) fn seal(key: &Key, place: &Place<'_>, value: &[u8]) -> String {
    let nonce: [u8; NONCE] = rand::random();
    let payload = Payload { msg: value, aad: &place.bytes() };
    let sealed = key.cipher().encrypt(&nonce.into(), payload);
    let sealed = sealed.expect("a value of 64 KiB is within what the cipher takes");
    let bytes = [nonce.as_slice(), &sealed].concat();
    format!("{FORMAT}.{}.{}", key.id, STANDARD.encode(bytes))
}

/// The key that a value was sealed with.
pub(super) fn key_of(sealed: &str) -> Option<KeyId> {
    let (format, rest) = sealed.split_once('.')?;
    let (id, _) = rest.split_once('.')?;
    (format == FORMAT).then(|| KeyId(id.to_owned()))
}

/// None: it is damaged, or stands in another row.
pub(super) fn unseal(key: &Key, place: &Place<'_>, sealed: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(sealed.rsplit('.').next()?).ok()?;
    let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
    let nonce: [u8; NONCE] = nonce.try_into().ok()?;
    key.cipher().decrypt(&nonce.into(), Payload { msg: sealed, aad: &place.bytes() }).ok()
}
