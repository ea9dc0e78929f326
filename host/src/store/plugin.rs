//! Plugins that were loaded, by digest: what deployments and releases pin must stay known.

use super::query::{Bind, query};
use super::row::{Row, document};
use super::{Store, StoreError};
use serde_json::Value;
use sqlx::any::AnyRow;
use windlass_api_types::Timestamp;

/// A plugin as it was when it was first loaded. Its component is the blob of the same digest.
#[derive(Clone, Debug, PartialEq)]
pub struct PluginRecord {
    /// `sha256:…` of the component.
    pub digest: String,
    pub name: String,
    pub version: String,
    /// The document that it describes itself with.
    pub metadata: Value,
    /// Where it came from: `shipped`, or a file of the plugin directory.
    pub source: String,
    pub loaded_at: Timestamp,
}

impl Store {
    /// Keeps a plugin; one of a digest that is known is left as it is.
    pub async fn put_plugin(&self, plugin: &PluginRecord) -> Result<(), StoreError> {
        let insert = query(
            "insert into plugins (digest, name, version, metadata, source, loaded_at) values ($1, $2, $3, $4, $5, $6)
             on conflict (digest) do nothing",
        );
        let insert = insert
            .text(&plugin.digest)
            .text(&plugin.name)
            .text(&plugin.version)
            .bind(document(&plugin.metadata))
            .text(&plugin.source)
            .bind(plugin.loaded_at);
        self.execute(insert).await.map(drop)
    }

    /// All plugins ever loaded, the newest first.
    pub async fn plugins(&self) -> Result<Vec<PluginRecord>, StoreError> {
        let select = query(
            "select digest, name, version, metadata, source, loaded_at from plugins order by loaded_at desc, digest",
        );
        self.fetch_all(select).await?.iter().map(read).collect()
    }

    /// A plugin by its digest.
    pub async fn plugin(&self, digest: &str) -> Result<Option<PluginRecord>, StoreError> {
        let select = query("select digest, name, version, metadata, source, loaded_at from plugins where digest = $1");
        self.fetch_optional(select.text(digest)).await?.as_ref().map(read).transpose()
    }
}

fn read(row: &AnyRow) -> Result<PluginRecord, StoreError> {
    let row = Row::new(row, "plugins", "digest");
    Ok(PluginRecord {
        digest: row.text("digest")?,
        name: row.text("name")?,
        version: row.text("version")?,
        metadata: row.json("metadata")?,
        source: row.text("source")?,
        loaded_at: row.int("loaded_at")?,
    })
}
