//! Two targets: all of them, or one of them.

use crate::harness::{App, HelloOptions, Site, Version, exit, on_each_database};
use windlass_api_types::deployment::Deployment;

on_each_database![only_the_named_target_is_touched];

async fn only_the_named_target_is_touched(site: &Site) {
    let other = site.another_target("web-2");
    site.add_target().await.succeeds();
    site.windlass(&site.target_line("web-2", &other)).await.succeeds();
    site.configure_for(&HelloOptions::default(), &["web-1", "web-2"]);
    let other = App::of_home(&other.home());

    site.deploy(Version::V1).await.succeeds();
    assert_eq!((site.app().serves().await.as_deref(), other.serves().await.as_deref()), (Some("v1"), Some("v1")));

    let one: Deployment = site.deploy_with(Version::V2, "--only web-2 --json").await.succeeds().json();
    assert_eq!(one.state.activated, ["web-2"]);
    assert_eq!((site.app().serves().await.as_deref(), other.serves().await.as_deref()), (Some("v1"), Some("v2")));

    let unknown = site.deploy_with(Version::V2, "--only web-3").await.exits(exit::USAGE);
    assert!(unknown.stderr.contains("web-3"), "{}", unknown.stderr);
}
