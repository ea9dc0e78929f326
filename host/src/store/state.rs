//! The state of plugins: small values that outlive a deployment.
//!
//! Keys and values are what a plugin says, so they are stored as JSON strings: PostgreSQL takes no NUL in
//! a text.

use super::query::{Bind, Transaction, query};
use super::row::{Row, document};
use super::{Store, StoreError};
use windlass_api_types::EnvironmentId;

/// A value and its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateEntry {
    pub value: String,
    /// Grows with each write of the key; the first is 1.
    pub version: u64,
}

/// A write that belongs to an effect's completion and is applied in its transaction. Conditions are
/// the caller's: only the deployment that holds the environment writes its state, and the epoch of
/// its batch fences off any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateWrite {
    pub environment: EnvironmentId,
    /// The plugin's name.
    pub plugin: String,
    pub key: String,
    /// The entry as it is from now on; absent: the key is removed.
    pub entry: Option<StateEntry>,
}

impl Store {
    /// A plugin's value of a key in an environment.
    pub async fn state_get(
        &self,
        environment: EnvironmentId,
        plugin: &str,
        key: &str,
    ) -> Result<Option<StateEntry>, StoreError> {
        let select =
            query("select key, value, version from stage_state where environment_id = $1 and plugin = $2 and key = $3");
        let row = self.fetch_optional(select.text(environment).text(plugin).bind(document(&key))).await?;
        row.map(|row| {
            let row = Row::new(&row, "stage_state", "key");
            Ok(StateEntry { value: row.json("value")?, version: row.count("version")? })
        })
        .transpose()
    }
}

impl StateWrite {
    pub(super) async fn apply(&self, transaction: &mut Transaction) -> Result<(), StoreError> {
        let write = match &self.entry {
            Some(entry) => query(
                "insert into stage_state (environment_id, plugin, key, value, version) values ($1, $2, $3, $4, $5)
                 on conflict (environment_id, plugin, key) do update set
                     value = excluded.value, version = excluded.version",
            )
            .text(self.environment)
            .text(&self.plugin)
            .bind(document(&self.key))
            .bind(document(&entry.value))
            .count(entry.version),
            None => query("delete from stage_state where environment_id = $1 and plugin = $2 and key = $3")
                .text(self.environment)
                .text(&self.plugin)
                .bind(document(&self.key)),
        };
        transaction.execute(write).await.map(drop)
    }
}
