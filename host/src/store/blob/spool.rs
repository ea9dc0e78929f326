//! Receiving a blob: into a temporary file, while its digest is computed.

use super::CHUNK;
use crate::store::StoreError;
use crate::store::open::make_private;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::pin::pin;
use tempfile::TempPath;
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use windlass_api_types::deployment::StoredBlob;

/// A received blob. Its file is removed when this is dropped.
pub(super) struct Spooled {
    pub(super) blob: StoredBlob,
    pub(super) path: TempPath,
}

/// Makes the directory, and removes what an earlier process left behind half received.
pub(super) fn directory(data_dir: &Path) -> Result<PathBuf, StoreError> {
    let directory = data_dir.join("uploads");
    make_private(&directory)?;
    let entries = std::fs::read_dir(&directory);
    let entries = entries.map_err(|source| failed("read the directory", &directory, source))?;
    for entry in entries.flatten() {
        // What cannot be removed only takes space; the next start tries again.
        let _ = std::fs::remove_file(entry.path());
    }
    Ok(directory)
}

pub(super) async fn receive(directory: &Path, bytes: impl AsyncRead + Send) -> Result<Spooled, StoreError> {
    let file = tempfile::NamedTempFile::new_in(directory);
    let (file, path) = file.map_err(|source| failed("make a file in", directory, source))?.into_parts();
    let mut file = File::from_std(file);
    let mut bytes = pin!(bytes);
    let (mut hash, mut size) = (Sha256::new(), 0);
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = bytes.read(&mut buffer).await.map_err(|source| StoreError::BrokenOff { source })?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        size += read as u64;
        file.write_all(&buffer[..read]).await.map_err(|source| failed("write", &path, source))?;
    }
    file.flush().await.map_err(|source| failed("write", &path, source))?;
    // The rename that follows may reach the disk before the bytes do, unless they are there already.
    file.sync_all().await.map_err(|source| failed("write", &path, source))?;
    let digest = format!("sha256:{}", hex::encode(hash.finalize()));
    Ok(Spooled { blob: StoredBlob { digest, size }, path })
}

pub(super) fn failed(action: &'static str, path: &Path, source: std::io::Error) -> StoreError {
    StoreError::File { action, path: path.into(), source }
}
