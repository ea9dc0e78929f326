//! Secrets, as ciphertexts: what they say only the vault knows.

use super::query::{Bind, query};
use super::row::Row;
use super::{Store, StoreError};
use sqlx::any::AnyRow;
use windlass_api_types::project::SecretInfo;
use windlass_api_types::{EnvironmentId, Timestamp};

/// A new version of a secret.
#[derive(Clone, Debug)]
pub struct NewSecret {
    pub environment: EnvironmentId,
    pub name: String,
    pub version: u64,
    pub sealed: String,
    pub created_at: Timestamp,
    pub created_by: String,
}

/// A stored version.
#[derive(Clone, Debug)]
pub struct SealedSecret {
    pub environment: EnvironmentId,
    pub name: String,
    pub version: u64,
    pub sealed: String,
}

impl Store {
    /// The newest version of each secret of an environment, by name.
    pub async fn secrets(&self, environment: EnvironmentId) -> Result<Vec<SecretInfo>, StoreError> {
        let select = query(
            "select name, version, created_at, created_by from secrets as newest
             where environment_id = $1 and removed_at is null and version = (
                 select max(version) from secrets
                 where environment_id = newest.environment_id and name = newest.name)
             order by name",
        );
        self.fetch_all(select.text(environment)).await?.iter().map(info).collect()
    }

    /// The number of a secret's next version; numbers of removed secrets are not used again.
    pub async fn next_secret_version(&self, environment: EnvironmentId, name: &str) -> Result<u64, StoreError> {
        let select = query(
            "select coalesce(max(version), 0) + 1 as version from secrets where environment_id = $1 and name = $2",
        );
        let row = self.fetch_optional(select.text(environment).text(name)).await?;
        row.map_or(Ok(1), |row| Row::new(&row, "secrets", "version").count("version"))
    }

    /// Stores a version. Of two that take the same number at once, one is refused.
    pub async fn insert_secret(&self, new: &NewSecret) -> Result<SecretInfo, StoreError> {
        let insert = query(
            "insert into secrets (environment_id, name, version, sealed, created_at, created_by)
             values ($1, $2, $3, $4, $5, $6)",
        );
        let insert = insert.text(new.environment).text(&new.name).count(new.version).text(&new.sealed);
        self.execute(insert.bind(new.created_at).text(&new.created_by)).await?;
        Ok(SecretInfo {
            name: new.name.clone(),
            version: new.version,
            created_at: new.created_at,
            created_by: new.created_by.clone(),
        })
    }

    /// Marks all versions of a secret as removed. Answers whether there were any.
    pub async fn remove_secret(
        &self,
        environment: EnvironmentId,
        name: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let update =
            query("update secrets set removed_at = $3 where environment_id = $1 and name = $2 and removed_at is null");
        Ok(self.execute(update.text(environment).text(name).bind(now)).await? > 0)
    }

    /// The ciphertext of a version, removed or not.
    pub async fn sealed_secret(
        &self,
        environment: EnvironmentId,
        name: &str,
        version: u64,
    ) -> Result<Option<String>, StoreError> {
        let select = query("select sealed, name from secrets where environment_id = $1 and name = $2 and version = $3");
        let row = self.fetch_optional(select.text(environment).text(name).count(version)).await?;
        row.map(|row| Row::new(&row, "secrets", "name").text("sealed")).transpose()
    }

    /// All ciphertexts.
    pub async fn sealed_secrets(&self) -> Result<Vec<SealedSecret>, StoreError> {
        let rows = self.fetch_all(query("select environment_id, name, version, sealed from secrets")).await?;
        let read = |row: &AnyRow| {
            let row = Row::new(row, "secrets", "name");
            Ok(SealedSecret {
                environment: row.parse("environment_id")?,
                name: row.text("name")?,
                version: row.count("version")?,
                sealed: row.text("sealed")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Replaces the ciphertext of a version with another one of the same value.
    pub async fn reseal_secret(&self, stored: &SealedSecret, sealed: &str) -> Result<(), StoreError> {
        let update = query("update secrets set sealed = $4 where environment_id = $1 and name = $2 and version = $3");
        let update = update.text(stored.environment).text(&stored.name).count(stored.version);
        self.execute(update.text(sealed)).await.map(drop)
    }
}

fn info(row: &AnyRow) -> Result<SecretInfo, StoreError> {
    let row = Row::new(row, "secrets", "name");
    Ok(SecretInfo {
        name: row.text("name")?,
        version: row.count("version")?,
        created_at: row.int("created_at")?,
        created_by: row.text("created_by")?,
    })
}
