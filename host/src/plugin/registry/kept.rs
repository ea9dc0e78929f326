//! Keeping components in the store: what a deployment or a release pins stays there, whatever becomes of
//! the plugin directory and of the binary.

use super::Component;
use crate::store::{PluginRecord, Store, StoreError};
use serde_json::json;

/// Keeps a component; one that is known is left as it is.
pub(super) async fn keep(store: &Store, component: &Component, bytes: &[u8]) -> Result<(), StoreError> {
    if store.plugin(&component.digest).await?.is_some() {
        return Ok(());
    }
    let manifest = &component.manifest;
    store.put_blob(bytes, component.loaded_at).await?;
    let record = PluginRecord {
        digest: component.digest.clone(),
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        metadata: json!({ "summary": manifest.summary, "undo": manifest.undo }),
        source: component.source.clone(),
        loaded_at: component.loaded_at,
    };
    store.put_plugin(&record).await
}

/// Where a kept component came from, and its bytes.
pub(super) async fn find(store: &Store, digest: &str) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    let Some(record) = store.plugin(digest).await? else { return Ok(None) };
    let bytes = store.blob_bytes(digest).await?;
    Ok(bytes.map(|bytes| (record.source, bytes)))
}
