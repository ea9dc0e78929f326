//! Blobs: bytes by their digest. Files in the data directory with SQLite, rows with PostgreSQL, where
//! the servers share nothing else.

mod files;
mod rows;
mod spool;

use super::open::make_private;
use super::query::{Bind, query};
use super::row::Row;
use super::{Store, StoreError};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use tokio::io::{AsyncRead, AsyncReadExt};
use windlass_api_types::Timestamp;
use windlass_api_types::deployment::StoredBlob;

/// The bytes of a blob.
pub type BlobReader = Pin<Box<dyn AsyncRead + Send>>;

/// What is moved at a time: between file and socket, and as one row.
const CHUNK: usize = 1024 * 1024;

/// Where blobs are kept.
pub(super) struct Blobs {
    keep: Keep,
    /// Where they are received before their digest is known; on the same file system as the files.
    spool: PathBuf,
}

enum Keep {
    /// Below this directory.
    Files(PathBuf),
    Rows,
}

impl Blobs {
    pub(super) fn files(data_dir: &Path) -> Result<Self, StoreError> {
        let directory = data_dir.join("blobs");
        make_private(&directory)?;
        Ok(Self { keep: Keep::Files(directory), spool: spool::directory(data_dir)? })
    }

    pub(super) fn rows(data_dir: &Path) -> Result<Self, StoreError> {
        Ok(Self { keep: Keep::Rows, spool: spool::directory(data_dir)? })
    }
}

impl Store {
    /// Stores what the reader gives, in bounded memory. Bytes that are stored already are stored once.
    pub async fn put_blob(&self, bytes: impl AsyncRead + Send, now: Timestamp) -> Result<StoredBlob, StoreError> {
        let spooled = spool::receive(&self.inner.blobs.spool, bytes).await?;
        let blob = spooled.blob.clone();
        if self.blob(&blob.digest).await?.is_some() && self.open_blob(&blob.digest).await?.is_some() {
            return Ok(blob);
        }
        match &self.inner.blobs.keep {
            Keep::Files(directory) => files::keep(directory, spooled).await?,
            Keep::Rows => rows::keep(self, spooled).await?,
        }
        // Last, so that a blob with a row is whole.
        let insert =
            query("insert into blobs (digest, size, created_at) values ($1, $2, $3) on conflict (digest) do nothing");
        self.execute(insert.text(&blob.digest).count(blob.size).bind(now)).await?;
        Ok(blob)
    }

    /// A stored blob's digest and size.
    pub async fn blob(&self, digest: &str) -> Result<Option<StoredBlob>, StoreError> {
        let row = self.fetch_optional(query("select digest, size from blobs where digest = $1").text(digest)).await?;
        row.map(|row| {
            let row = Row::new(&row, "blobs", "digest");
            Ok(StoredBlob { digest: row.text("digest")?, size: row.count("size")? })
        })
        .transpose()
    }

    /// Whether a blob is stored.
    pub async fn has_blob(&self, digest: &str) -> Result<bool, StoreError> {
        Ok(self.blob(digest).await?.is_some())
    }

    /// The bytes of a blob, as a stream. None: it is not stored.
    pub async fn open_blob(&self, digest: &str) -> Result<Option<BlobReader>, StoreError> {
        let Some(blob) = self.blob(digest).await? else { return Ok(None) };
        match &self.inner.blobs.keep {
            Keep::Files(directory) => files::open(directory, &blob.digest).await,
            Keep::Rows => Ok(Some(rows::open(self.clone(), blob))),
        }
    }

    /// The bytes of a small blob, such as a plugin.
    pub async fn blob_bytes(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(mut reader) = self.open_blob(digest).await? else { return Ok(None) };
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).await.map_err(|source| StoreError::BrokenOff { source })?;
        Ok(Some(bytes))
    }
}
