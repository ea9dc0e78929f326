//! API tokens.

use super::query::{Bind, query};
use super::row::Row;
use super::{SecretHash, Store, StoreError, User};
use sqlx::any::AnyRow;
use windlass_api_types::user::Token;
use windlass_api_types::{Timestamp, TokenId, UserId};

/// A token's last use is written at most this often, in milliseconds: it is for people to look at.
const USE_RESOLUTION: i64 = 60_000;

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub user: UserId,
    /// What it is for.
    pub name: String,
    pub hash: SecretHash,
    pub now: Timestamp,
    /// None: never.
    pub expires_at: Option<Timestamp>,
}

impl Store {
    /// Keeps a token.
    pub async fn create_token(&self, new: &NewToken) -> Result<Token, StoreError> {
        let token = Token {
            id: TokenId::new(),
            name: new.name.clone(),
            created_at: new.now,
            expires_at: new.expires_at,
            last_used_at: None,
        };
        let insert = query(
            "insert into tokens (id, user_id, name, hash, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)",
        );
        let insert = insert.text(token.id).text(new.user).text(&new.name).text(new.hash);
        self.execute(insert.bind(new.now).bind(new.expires_at)).await?;
        Ok(token)
    }

    /// A user's tokens, the newest first, expired ones included.
    pub async fn tokens(&self, user: UserId) -> Result<Vec<Token>, StoreError> {
        let select = query(
            "select id, name, created_at, expires_at, last_used_at from tokens where user_id = $1 order by id desc",
        );
        self.fetch_all(select.text(user)).await?.iter().map(read).collect()
    }

    /// Whose token it is, while it is valid.
    pub async fn token_user(&self, hash: SecretHash, now: Timestamp) -> Result<Option<User>, StoreError> {
        let select = query(
            "select u.id, u.name, u.created_at, t.last_used_at
             from tokens t join users u on u.id = t.user_id
             where t.hash = $1 and (t.expires_at is null or t.expires_at > $2)",
        );
        let Some(row) = self.fetch_optional(select.text(hash).bind(now)).await? else { return Ok(None) };
        let last_used = Row::new(&row, "tokens", "id").optional_int("last_used_at")?;
        if last_used.is_none_or(|at| at + USE_RESOLUTION < now) {
            let touch = query("update tokens set last_used_at = $2 where hash = $1");
            self.execute(touch.text(hash).bind(now)).await?;
        }
        super::user::read(&row).map(Some)
    }

    /// Revokes a user's token; answers whether there was one.
    pub async fn delete_token(&self, user: UserId, id: TokenId) -> Result<bool, StoreError> {
        let delete = query("delete from tokens where id = $1 and user_id = $2");
        Ok(self.execute(delete.text(id).text(user)).await? > 0)
    }

    /// Revokes the token with this secret, if there is one.
    pub async fn delete_token_of(&self, hash: SecretHash) -> Result<(), StoreError> {
        self.execute(query("delete from tokens where hash = $1").text(hash)).await.map(drop)
    }
}

fn read(row: &AnyRow) -> Result<Token, StoreError> {
    let row = Row::new(row, "tokens", "id");
    Ok(Token {
        id: row.parse("id")?,
        name: row.text("name")?,
        created_at: row.int("created_at")?,
        expires_at: row.optional_int("expires_at")?,
        last_used_at: row.optional_int("last_used_at")?,
    })
}
