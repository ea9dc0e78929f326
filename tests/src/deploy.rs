//! Deployments with the template `process` to a real OpenSSH server: the main path, and what happens
//! when it is left.

use crate::harness::{HelloOptions, Site, Version, exit, on_each_database};

on_each_database![with_and_without_a_server];

/// Once with the engine in the command's own process, once through a server on the same data.
async fn with_and_without_a_server(site: &Site) {
    site.prepare(&HelloOptions::default()).await;
    let first = site.deploy(Version::V1).await.succeeds();
    assert!(first.stdout.contains("hello#1 succeeded"), "{}", first.stdout);
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));

    let server = site.serve().await;
    let second = site.deploy(Version::V2).await.succeeds();
    assert!(second.stdout.contains("hello#2 succeeded"), "{}", second.stdout);
    assert_eq!(site.app().serves().await.as_deref(), Some("v2"));

    let broken = site.deploy(Version::Broken).await.exits(exit::FAILED);
    assert!(broken.stdout.contains("✗ healthy  web-1"), "{}", broken.stdout);
    assert_eq!(site.app().serves().await.as_deref(), Some("v2"));
    server.stop().await;
}
