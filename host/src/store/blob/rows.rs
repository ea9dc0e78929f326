//! Blobs as rows, a chunk each. Chunks are committed one by one, so that a large upload holds no
//! transaction open; a blob is there when its row in `blobs` is.

use super::spool::{Spooled, failed};
use super::{BlobReader, CHUNK, Store, StoreError};
use crate::store::query::{Bind, query};
use bytes::Bytes;
use futures::stream;
use sqlx::Row as _;
use std::io;
use tokio::io::AsyncReadExt;
use tokio_util::io::StreamReader;
use windlass_api_types::deployment::StoredBlob;

/// Writes the chunks of a received blob. Those that an interrupted attempt left are the same.
pub(super) async fn keep(store: &Store, spooled: Spooled) -> Result<(), StoreError> {
    let broken = |source| failed("read", &spooled.path, source);
    let mut file = tokio::fs::File::open(&spooled.path).await.map_err(broken)?;
    for position in 0_u64.. {
        let mut chunk = Vec::with_capacity(CHUNK);
        (&mut file).take(CHUNK as u64).read_to_end(&mut chunk).await.map_err(broken)?;
        if chunk.is_empty() {
            break;
        }
        let insert = query(
            "insert into blob_chunks (digest, position, bytes) values ($1, $2, $3)
             on conflict (digest, position) do nothing",
        );
        store.execute(insert.text(&spooled.blob.digest).count(position).bind(chunk)).await?;
    }
    Ok(())
}

/// Reads chunk by chunk, each when the one before has been taken.
pub(super) fn open(store: Store, blob: StoredBlob) -> BlobReader {
    let chunks = blob.size.div_ceil(CHUNK as u64);
    let bytes = stream::try_unfold((store, blob, 0), move |(store, blob, position)| async move {
        if position == chunks {
            return Ok(None);
        }
        let chunk = chunk(&store, &blob.digest, position).await.map_err(io::Error::other)?;
        Ok::<_, io::Error>(Some((chunk, (store, blob, position + 1))))
    });
    Box::pin(StreamReader::new(Box::pin(bytes)))
}

async fn chunk(store: &Store, digest: &str, position: u64) -> Result<Bytes, StoreError> {
    let select = query("select bytes from blob_chunks where digest = $1 and position = $2");
    let row = store.fetch_optional(select.text(digest).count(position)).await?;
    let bytes = row.and_then(|row| row.try_get::<Vec<u8>, _>("bytes").ok());
    bytes.map(Bytes::from).ok_or_else(|| StoreError::Corrupt {
        table: "blob_chunks",
        id: digest.into(),
        reason: format!("chunk {position} is not there"),
    })
}
