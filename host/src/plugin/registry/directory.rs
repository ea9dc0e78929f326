//! Reading the plugin directory.

use std::path::Path;

/// The components in a directory, by file name, in the order of their names. A file that cannot be
/// read (it is being copied, it is gone again) is left for the next look.
pub(super) async fn read(directory: &Path) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    let mut entries = tokio::fs::read_dir(directory).await?;
    while let Some(entry) = entries.next_entry().await? {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".wasm") || name.starts_with('.') {
            continue;
        }
        match tokio::fs::read(entry.path()).await {
            Ok(bytes) => files.push((name, bytes)),
            Err(error) => tracing::warn!(file = name, %error, "a file of the plugin directory cannot be read"),
        }
    }
    files.sort();
    Ok(files)
}
