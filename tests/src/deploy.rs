//! Deployments with the template `process` to a real OpenSSH server.

mod beside;
mod canceled;
mod jump;
mod queued;
mod secret;
mod sequential;
mod several_targets;
mod watch;

use crate::harness::{HelloOptions, Site, Version, exit, on_each_database};
use windlass_api_types::deployment::Deployment;

on_each_database![
    with_and_without_a_server,
    a_broken_version_leaves_the_old_one_serving,
    a_rollback_puts_the_release_before_back,
    old_releases_are_removed,
];

/// Once with the engine in the command's own process, once through a server on the same data.
async fn with_and_without_a_server(site: &Site) {
    site.prepare(&HelloOptions::default()).await;
    let first = site.deploy(Version::V1).await.succeeds();
    assert!(first.stdout.contains("✓ hello#1 succeeded"), "{}", first.stdout);
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));

    let server = site.serve().await;
    let second = site.deploy(Version::V2).await.succeeds();
    assert!(second.stdout.contains("✓ hello#2 succeeded"), "{}", second.stdout);
    assert_eq!(site.app().serves().await.as_deref(), Some("v2"));
    let log = site.windlass("app logs hello/production --tail 500").await.succeeds().stdout;
    assert!(log.contains("hello v2 listens on 127.0.0.1:") && log.contains("200 OK /health"), "{log}");
    let none = site.windlass("app logs hello/production --target web-2").await.exits(exit::USAGE);
    assert!(none.stderr.contains("nothing is live in hello/production on web-2"), "{}", none.stderr);
    server.stop().await;
}

/// The failure says which stage failed and why, where things stand, and what to type next.
async fn a_broken_version_leaves_the_old_one_serving(site: &Site) {
    site.prepare(&HelloOptions { attempts: 2, ..HelloOptions::default() }).await;
    let first: Deployment = site.deploy_with(Version::V1, "--json").await.succeeds().json();
    let broken = site.deploy(Version::Broken).await.exits(exit::FAILED);

    let result = broken.stdout.split_once('✗').expect("a failure is marked").1;
    let release = first.summary.release;
    let expected = [
        " healthy  web-1",
        "app: the database of this version is missing",
        &format!("web-1 was undone, its old release {release} serves"),
        "next: windlass logs hello#2 --stage healthy",
    ];
    for part in expected {
        assert!(result.contains(part), "`{part}` is missing in:\n{result}");
    }
    let log = site.windlass("logs hello#2 --stage healthy").await.succeeds();
    for part in ["probe 2/2: not healthy", "healthy  web-1 ✗ ", "\n  app: the database of this version is missing"] {
        assert!(log.stdout.contains(part), "`{part}` is missing in:\n{}", log.stdout);
    }
    let log = site.windlass("logs hello#2 --stage stop").await.succeeds();
    assert_eq!((log.stdout.as_str(), log.stderr.as_str()), ("", "no log lines of stage `stop`\n"));
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));
    assert_eq!(site.app().current(), format!("releases/{release}"));
    assert_eq!(site.app().releases(), [release], "the broken release is removed");
}

async fn a_rollback_puts_the_release_before_back(site: &Site) {
    site.prepare(&HelloOptions::default()).await;
    let first: Deployment = site.deploy_with(Version::V1, "--json").await.succeeds().json();
    site.deploy(Version::V2).await.succeeds();
    let back: Deployment = site.windlass("rollback --to production --json").await.succeeds().json();
    assert_eq!(back.summary.release, first.summary.release);
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));

    let none = site.windlass("rollback --to staging").await.exits(exit::USAGE);
    assert!(none.stderr.contains("the project `hello` has no environment `staging`"), "{}", none.stderr);
}

/// The newest five stay.
async fn old_releases_are_removed(site: &Site) {
    site.prepare(&HelloOptions::default()).await;
    let mut releases = Vec::new();
    for version in [Version::V1, Version::V2].into_iter().cycle().take(7) {
        let deployment: Deployment = site.deploy_with(version, "--json").await.succeeds().json();
        releases.push(deployment.summary.release);
    }
    assert_eq!(site.app().releases(), releases[2..]);
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));
}
