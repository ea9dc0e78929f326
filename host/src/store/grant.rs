//! What the server approves of, per environment and plugin.

use super::query::{Bind, query};
use super::row::Row;
use super::{Store, StoreError};
use sqlx::any::AnyRow;
use windlass_api_types::grant::{Grant, StoredGrant};
use windlass_api_types::{EnvironmentId, Timestamp};

impl Store {
    /// The grants of an environment.
    pub async fn grants(&self, environment: EnvironmentId) -> Result<Vec<StoredGrant>, StoreError> {
        let select = query(
            "select plugin, kind, value, created_at, created_by from grants where environment_id = $1
             order by kind, value, plugin",
        );
        self.fetch_all(select.text(environment)).await?.iter().map(read).collect()
    }

    /// Adds grants; those that are there stay as they are.
    pub async fn add_grants(
        &self,
        environment: EnvironmentId,
        grants: &[Grant],
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        for grant in grants {
            let insert = query(
                "insert into grants (environment_id, plugin, kind, value, created_at, created_by)
                 values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
            );
            let insert = insert.text(environment).text(&grant.plugin).text(grant.kind).text(&grant.value);
            transaction.execute(insert.bind(now).text(actor)).await?;
        }
        transaction.commit().await
    }

    /// Takes a grant away. Answers whether it was there.
    pub async fn remove_grant(&self, environment: EnvironmentId, grant: &Grant) -> Result<bool, StoreError> {
        let delete = query("delete from grants where environment_id = $1 and plugin = $2 and kind = $3 and value = $4");
        let delete = delete.text(environment).text(&grant.plugin).text(grant.kind).text(&grant.value);
        Ok(self.execute(delete).await? > 0)
    }

    /// Since when an environment is protected; absent where it is not.
    pub async fn protected(&self, environment: EnvironmentId) -> Result<Option<Timestamp>, StoreError> {
        let select = query("select id, protected_at from environments where id = $1");
        let row = self.fetch_optional(select.text(environment)).await?;
        row.map_or(Ok(None), |row| Row::new(&row, "environments", "id").optional_int("protected_at"))
    }

    /// Protects an environment, or no longer.
    pub async fn protect(&self, environment: EnvironmentId, since: Option<Timestamp>) -> Result<(), StoreError> {
        let update = query("update environments set protected_at = $2 where id = $1");
        self.execute(update.text(environment).bind(since)).await.map(drop)
    }
}

fn read(row: &AnyRow) -> Result<StoredGrant, StoreError> {
    let row = Row::new(row, "grants", "value");
    Ok(StoredGrant {
        grant: Grant { plugin: row.text("plugin")?, kind: row.parse("kind")?, value: row.text("value")? },
        created_at: row.int("created_at")?,
        created_by: row.text("created_by")?,
    })
}
