//! Blobs as files, named by their digests.

use super::spool::{Spooled, failed};
use super::{BlobReader, StoreError, make_private};
use std::path::{Path, PathBuf};

/// Where a blob stands: two digits make a directory, so that none grows large.
fn path(directory: &Path, digest: &str) -> PathBuf {
    let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
    let (bucket, name) = hex.split_at_checked(2).unwrap_or(("__", hex));
    directory.join(bucket).join(name)
}

/// Moves a received blob to its place. The same bytes again replace themselves.
pub(super) async fn keep(directory: &Path, spooled: Spooled) -> Result<(), StoreError> {
    let path = path(directory, &spooled.blob.digest);
    if let Some(bucket) = path.parent() {
        make_private(bucket)?;
    }
    spooled.path.persist(&path).map_err(|error| failed("write", &path, error.error))
}

/// None: somebody removed the file.
pub(super) async fn open(directory: &Path, digest: &str) -> Result<Option<BlobReader>, StoreError> {
    let path = path(directory, digest);
    match tokio::fs::File::open(&path).await {
        Ok(file) => Ok(Some(Box::pin(file))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", &path, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_files_by_digest() {
        assert_eq!(path(Path::new("/b"), "sha256:abcd"), Path::new("/b/ab/cd"));
    }
}
