//! The strategy `sequential`: the old instance stops before the new one starts.

use crate::harness::{HelloOptions, Site, Version, exit, on_each_database};
use windlass_api_types::StageStatus;
use windlass_api_types::deployment::Deployment;

on_each_database![a_new_version_takes_over, a_failure_starts_the_old_one_again];

fn options() -> HelloOptions {
    HelloOptions { strategy: "sequential", attempts: 2, ..HelloOptions::default() }
}

async fn a_new_version_takes_over(site: &Site) {
    site.prepare(&options()).await;
    site.deploy(Version::V1).await.succeeds();
    let second: Deployment = site.deploy_with(Version::V2, "--json").await.succeeds().json();
    let stop = second.state.stage("stop").expect("the strategy has the stage `stop`");
    assert_eq!(stop.status, StageStatus::Succeeded);
    assert_eq!(site.app().serves().await.as_deref(), Some("v2"));
}

async fn a_failure_starts_the_old_one_again(site: &Site) {
    site.prepare(&options()).await;
    site.deploy(Version::V1).await.succeeds();
    let broken: Deployment = site.deploy_with(Version::Broken, "--json").await.exits(exit::FAILED).json();
    assert_eq!(broken.state.failed_stage.as_deref(), Some("healthy"));
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));
    site.deploy(Version::V2).await.succeeds();
    assert_eq!(site.app().serves().await.as_deref(), Some("v2"));
}
