//! No request fails while versions change.

use crate::harness::{HelloOptions, Load, Site, Version, on_each_database};

on_each_database![twenty_deployments_fail_no_request];

const DEPLOYMENTS: usize = 20;

async fn twenty_deployments_fail_no_request(site: &Site) {
    site.prepare(&HelloOptions { drain_seconds: 1, ..HelloOptions::default() }).await;
    let server = site.serve().await;
    site.deploy(Version::V1).await.succeeds();
    let door = site.front_door().await;
    let load = Load::start(&door.url);
    for version in [Version::V2, Version::V1].into_iter().cycle().take(DEPLOYMENTS) {
        let before = load.requests();
        site.deploy(version).await.succeeds();
        load.more_than(before).await;
    }
    let done = load.stop().await;
    assert_eq!(done.failed, [""; 0], "of {} requests", done.requests);
    assert_eq!(Vec::from_iter(done.versions), ["v1", "v2"], "both versions answered");
    server.stop().await;
}
