//! Who may: sign-in links, sessions and tokens, and the one question everything passes.
//!
//! Secrets are 256 random bits; the store keeps their hashes only. Looking a hash up gives nothing
//! about the secret away, so that no comparison of secrets is needed.

use crate::event::now;
use crate::store::{NewToken, SecretHash, Store, StoreError, User};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::time::Duration;
use windlass_api_types::user::{CreateToken, CreatedToken, SignInLink};

mod credential;

pub use credential::Credential;

/// A one-time link waits in a terminal for its person.
const LINK_LIFETIME: Duration = Duration::from_secs(60 * 60);
/// A session ends a month after sign-in.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The name of the user who is there from the start.
const OWNER: &str = "admin";
/// Marks tokens, so that a secret scanner finds one in a repository.
const TOKEN_PREFIX: &str = "wl_";

/// Cheap to clone.
#[derive(Clone)]
pub struct Auth {
    store: Store,
}

impl Auth {
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// The owner of the server, made on first use.
    pub async fn owner(&self) -> Result<User, StoreError> {
        match self.store.first_user().await? {
            Some(user) => Ok(user),
            None => match self.store.create_user(OWNER, now()).await {
                // Another server was quicker.
                Err(error @ StoreError::NameTaken { .. }) => self.store.first_user().await?.ok_or(error),
                made => made,
            },
        }
    }

    /// A new one-time link that signs a browser in.
    pub async fn sign_in_link(&self, user: &User, base: &str) -> Result<SignInLink, StoreError> {
        let secret = secret("");
        let expires_at = now() + millis(LINK_LIFETIME);
        self.store.create_sign_in_link(SecretHash::of(&secret), user.id, expires_at).await?;
        Ok(SignInLink { url: format!("{}/sign-in#{secret}", base.trim_end_matches('/')), expires_at })
    }

    /// Exchanges the secret of a one-time link for that of a session; nothing where it is not valid.
    pub async fn sign_in(&self, link: &str) -> Result<Option<(String, User)>, StoreError> {
        let Some(id) = self.store.use_sign_in_link(SecretHash::of(link), now()).await? else { return Ok(None) };
        let Some(user) = self.store.user(id).await? else { return Ok(None) };
        let session = secret("");
        let expires_at = now() + millis(SESSION_LIFETIME);
        self.store.create_session(SecretHash::of(&session), user.id, now(), expires_at).await?;
        Ok(Some((session, user)))
    }

    /// Ends a session or a token.
    pub async fn sign_out(&self, credential: &Credential) -> Result<(), StoreError> {
        match credential {
            Credential::Session(secret) => self.store.delete_session(SecretHash::of(secret)).await,
            Credential::Token(secret) => self.store.delete_token_of(SecretHash::of(secret)).await,
            Credential::Owner | Credential::None => Ok(()),
        }
    }

    /// A new token of a user.
    pub async fn create_token(&self, user: &User, asked: &CreateToken) -> Result<CreatedToken, StoreError> {
        let secret = secret(TOKEN_PREFIX);
        let lifetime = |days: u32| now() + i64::from(days) * 24 * 60 * 60 * 1000;
        let token = NewToken {
            user: user.id,
            name: asked.name.clone(),
            hash: SecretHash::of(&secret),
            now: now(),
            expires_at: asked.days.map(lifetime),
        };
        Ok(CreatedToken { token: self.store.create_token(&token).await?, secret })
    }

    /// Who shows this credential; nobody where it is not valid.
    pub async fn authorize(&self, credential: &Credential) -> Result<Option<User>, StoreError> {
        match credential {
            Credential::Owner => self.owner().await.map(Some),
            Credential::Session(secret) => self.store.session(SecretHash::of(secret), now()).await,
            Credential::Token(secret) => self.store.token_user(SecretHash::of(secret), now()).await,
            Credential::None => Ok(None),
        }
    }
}

fn secret(prefix: &str) -> String {
    let bytes: [u8; 32] = rand::random();
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
}

fn millis(duration: Duration) -> i64 {
    duration.as_millis().try_into().unwrap_or(i64::MAX)
}
