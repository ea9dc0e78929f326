//! Guests that go on computing when they are told to end: they are dropped, and hold nobody else up.

use crate::harness::{Site, misbehave, on_each_database, until};
use std::fs;
use windlass_api_types::{DeploymentStatus, FailedBy, StageStatus};

on_each_database![a_guest_that_does_not_end_is_dropped];

/// A project whose only stage computes without end, or does nothing.
fn project(site: &Site, name: &str, how: &str, timeout: &str) {
    site.write_config(&format!(
        "project = \"{name}\"\n[environments.production]\n\
         [[stage]]\nid = \"do\"\nuses = \"misbehave@7\"\ntimeout = \"{timeout}\"\nwith = {{ how = \"{how}\" }}\n"
    ));
}

async fn a_guest_that_does_not_end_is_dropped(site: &Site) {
    fs::write(site.plugin_dir().join("misbehave.wasm"), misbehave()).expect("the site's directory can be written");
    let server = site.serve().await;
    let api = site.api(&server).await;
    for (name, timeout) in [("late", "1s"), ("canceled", "1h")] {
        project(site, name, "loop", timeout);
        site.windlass("deploy --to production --detach").await.succeeds();
        api.deployment_is(&format!("{name}#1"), DeploymentStatus::Running).await;
    }
    site.windlass("cancel canceled#1").await.succeeds();
    until("the wish to be seen", async || api.deployment("canceled#1").await.state.cancel_requested.then_some(()))
        .await;
    // Others go on meanwhile.
    project(site, "neighbor", "well", "1m");
    site.windlass("deploy --to production").await.succeeds();

    let canceled = api.deployment_is("canceled#1", DeploymentStatus::Canceled).await;
    assert_eq!(canceled.state.runs[0].status, StageStatus::Canceled);
    let late = api.deployment_is("late#1", DeploymentStatus::Failed).await;
    let failure = late.summary.failure.expect("a failed deployment says why");
    assert_eq!((failure.code.as_str(), late.summary.failed_by), ("stuck-guest", Some(FailedBy::Plugin)));
    assert_eq!(failure.message, "it did not end within 1s, and went on computing when it was told to end");
    server.stop().await;
}
