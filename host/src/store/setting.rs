//! Settings that the server keeps for itself, such as its own key.

use super::query::{Bind, query};
use super::row::Row;
use super::{Store, StoreError};

impl Store {
    /// A setting.
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let row = self.fetch_optional(query("select key, value from settings where key = $1").text(key)).await?;
        row.map(|row| Row::new(&row, "settings", "key").text("value")).transpose()
    }

    /// Sets a setting.
    pub async fn put_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let upsert = query(
            "insert into settings (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value",
        );
        self.execute(upsert.text(key).text(value)).await.map(drop)
    }

    /// The setting as it is, or else `value`, which is kept: of any number of callers with different
    /// values, all are answered the same one.
    pub async fn setting_or(&self, key: &str, value: &str) -> Result<String, StoreError> {
        let insert = query("insert into settings (key, value) values ($1, $2) on conflict (key) do nothing");
        self.execute(insert.text(key).text(value)).await?;
        let setting = self.setting(key).await?;
        setting.ok_or_else(|| StoreError::Missing { what: "setting", id: key.into() })
    }
}
