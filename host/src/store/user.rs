//! People: users, their sessions, and the one-time links that begin a session.

use super::error::Constraint;
use super::query::{Bind, query};
use super::row::Row;
use super::{Store, StoreError};
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use std::fmt;
use windlass_api_types::{Timestamp, UserId};

const NAME: Constraint = Constraint { postgres: "users_name_key", sqlite: "users.name" };

/// A session's last use is written at most this often, in milliseconds: it is for people to look at.
const USE_RESOLUTION: i64 = 60_000;

/// A person or a program with access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub created_at: Timestamp,
}

/// What is stored of a secret: its SHA-256. The secrets are random and long, so that needs no salt,
/// and looking one up by its hash gives nothing away.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Of a secret as its bearer shows it.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }
}

impl fmt::Display for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

impl Store {
    /// Makes a user.
    pub async fn create_user(&self, name: &str, now: Timestamp) -> Result<User, StoreError> {
        let user = User { id: UserId::new(), name: name.into(), created_at: now };
        let insert = query("insert into users (id, name, created_at) values ($1, $2, $3)");
        let inserted = self.execute(insert.text(user.id).text(name).bind(now)).await;
        inserted.map(|_| user).map_err(|error| match error.violates(&NAME) {
            true => StoreError::NameTaken { what: "user", name: name.into() },
            false => error,
        })
    }

    /// The user who was made first: the owner of the server.
    pub async fn first_user(&self) -> Result<Option<User>, StoreError> {
        let select = query("select id, name, created_at from users order by id limit 1");
        self.fetch_optional(select).await?.as_ref().map(read).transpose()
    }

    /// A user by id.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let select = query("select id, name, created_at from users where id = $1").text(id);
        self.fetch_optional(select).await?.as_ref().map(read).transpose()
    }

    /// Keeps a one-time sign-in link.
    pub async fn create_sign_in_link(
        &self,
        hash: SecretHash,
        user: UserId,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let insert = query("insert into sign_in_links (hash, user_id, expires_at) values ($1, $2, $3)");
        self.execute(insert.text(hash).text(user).bind(expires_at)).await.map(drop)
    }

    /// Uses a sign-in link up: of any number of callers, one is answered the user. None: there is no
    /// such link, it has expired, or it was used.
    pub async fn use_sign_in_link(&self, hash: SecretHash, now: Timestamp) -> Result<Option<UserId>, StoreError> {
        let update = query(
            "update sign_in_links set used_at = $2
             where hash = $1 and used_at is null and expires_at > $2
             returning user_id",
        );
        let row = self.execute_returning(update.text(hash).bind(now)).await?;
        row.map(|row| Row::new(&row, "sign_in_links", "user_id").parse("user_id")).transpose()
    }

    /// Begins a session.
    pub async fn create_session(
        &self,
        hash: SecretHash,
        user: UserId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let insert = query(
            "insert into sessions (hash, user_id, created_at, expires_at, last_used_at) values ($1, $2, $3, $4, $3)",
        );
        self.execute(insert.text(hash).text(user).bind(now).bind(expires_at)).await.map(drop)
    }

    /// Whose session it is, while it lasts.
    pub async fn session(&self, hash: SecretHash, now: Timestamp) -> Result<Option<User>, StoreError> {
        let select = query(
            "select u.id, u.name, u.created_at, s.last_used_at
             from sessions s join users u on u.id = s.user_id
             where s.hash = $1 and s.expires_at > $2",
        );
        let Some(row) = self.fetch_optional(select.text(hash).bind(now)).await? else { return Ok(None) };
        if Row::new(&row, "sessions", "id").int("last_used_at")? + USE_RESOLUTION < now {
            let touch = query("update sessions set last_used_at = $2 where hash = $1");
            self.execute(touch.text(hash).bind(now)).await?;
        }
        read(&row).map(Some)
    }

    /// Ends a session; one that is not there is no error.
    pub async fn delete_session(&self, hash: SecretHash) -> Result<(), StoreError> {
        self.execute(query("delete from sessions where hash = $1").text(hash)).await.map(drop)
    }

    /// Forgets sessions and links that have expired.
    pub async fn delete_expired(&self, now: Timestamp) -> Result<(), StoreError> {
        self.execute(query("delete from sessions where expires_at <= $1").bind(now)).await?;
        self.execute(query("delete from sign_in_links where expires_at <= $1").bind(now)).await.map(drop)
    }
}

pub(super) fn read(row: &AnyRow) -> Result<User, StoreError> {
    let row = Row::new(row, "users", "id");
    Ok(User { id: row.parse("id")?, name: row.text("name")?, created_at: row.int("created_at")? })
}
