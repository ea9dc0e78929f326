//! Canceling a deployment in its middle, and one that waits.

use crate::harness::{HelloOptions, Site, Version, WAIT, exit, on_each_database};
use windlass_api_types::DeploymentStatus;

on_each_database![the_app_serves_and_the_environment_is_free, a_queued_one_ends_at_once];

async fn the_app_serves_and_the_environment_is_free(site: &Site) {
    site.prepare(&HelloOptions { pre_start: WAIT, ..HelloOptions::default() }).await;
    let server = site.serve().await;
    let api = site.api(&server).await;
    site.deploy(Version::V1).await.succeeds();

    let hold = site.hold();
    site.deploy_with(Version::V2, "--detach").await.succeeds();
    hold.reached().await;
    site.windlass("cancel hello#2").await.succeeds();
    let canceled = api.deployment_is("hello#2", DeploymentStatus::Canceled).await;
    assert!(canceled.state.cancel_requested);
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));
    assert_eq!(site.app().releases().len(), 1, "what it had uploaded is removed");

    let again = site.windlass("cancel hello#2").await.exits(exit::USAGE);
    assert!(again.stderr.contains("hello#2 is canceled already"), "{}", again.stderr);
    drop(hold);
    site.deploy(Version::V2).await.succeeds();
    assert_eq!(site.app().serves().await.as_deref(), Some("v2"));
    server.stop().await;
}

async fn a_queued_one_ends_at_once(site: &Site) {
    site.prepare(&HelloOptions { pre_start: WAIT, ..HelloOptions::default() }).await;
    let server = site.serve().await;
    let api = site.api(&server).await;
    let hold = site.hold();
    site.deploy_with(Version::V1, "--detach").await.succeeds();
    hold.reached().await;
    site.deploy_with(Version::V2, "--detach").await.succeeds();
    let said = site.windlass("cancel hello#2").await.succeeds();
    assert_eq!(said.stdout, "hello#2 is canceled\n");

    drop(hold);
    api.deployment_is("hello#1", DeploymentStatus::Succeeded).await;
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));
    server.stop().await;
}
