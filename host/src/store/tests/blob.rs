use super::*;
use crate::on_both_databases;
use sha2::{Digest, Sha256};
use std::io;
use tokio::io::AsyncReadExt;

on_both_databases!(gives_back_what_was_put, stores_equal_bytes_once, keeps_nothing_of_what_broke_off);

async fn gives_back_what_was_put(database: TestDatabase) {
    let store = database.open().await;
    for size in [0_usize, 1, 1024 * 1024, 5 * 1024 * 1024 + 17] {
        let bytes: Vec<u8> = (0..size).map(|i| (i * 31 % 251) as u8).collect();
        let blob = store.put_blob(&bytes[..], NOW).await.unwrap();
        assert_eq!(blob.digest, format!("sha256:{}", hex::encode(Sha256::digest(&bytes))));
        assert_eq!(blob.size, size as u64);
        assert!(store.has_blob(&blob.digest).await.unwrap());
        assert!(store.blob_bytes(&blob.digest).await.unwrap().unwrap() == bytes, "{size} bytes");
    }
    assert!(store.blob_bytes("sha256:none").await.unwrap().is_none());
}

async fn stores_equal_bytes_once(database: TestDatabase) {
    let store = database.open().await;
    let bytes = vec![7; 3 * 1024 * 1024];
    let put = || async { store.put_blob(&bytes[..], NOW).await.unwrap() };
    let blobs = futures::future::join_all((0..4).map(|_| put())).await;
    assert!(blobs.iter().all(|blob| blob == &blobs[0]));
    assert!(store.blob_bytes(&blobs[0].digest).await.unwrap().unwrap() == bytes);
}

async fn keeps_nothing_of_what_broke_off(database: TestDatabase) {
    let store = database.open().await;
    let broken = half_a_blob();
    let error = store.put_blob(broken, NOW).await.unwrap_err();
    assert_eq!(error.to_string(), "the data broke off: the client went away");
    let digest = format!("sha256:{}", hex::encode(Sha256::digest(b"half")));
    assert!(!store.has_blob(&digest).await.unwrap());
    let (Database::Sqlite { data_dir } | Database::Postgres { data_dir, .. }) = &database.database;
    assert_eq!(std::fs::read_dir(data_dir.join("uploads")).unwrap().count(), 0);
}

/// Gives four bytes and then fails.
fn half_a_blob() -> impl tokio::io::AsyncRead + Send {
    let failure =
        futures::stream::iter([Ok(bytes::Bytes::from_static(b"half")), Err(io::Error::other("the client went away"))]);
    tokio_util::io::StreamReader::new(failure).take(u64::MAX)
}
