//! Two deployments at once: an environment has one at a time.

use crate::harness::{HelloOptions, Site, Version, WAIT, on_each_database};
use windlass_api_types::DeploymentStatus;

on_each_database![the_second_waits_for_the_first, what_is_waited_for_is_said, only_the_newest_has_its_turn];

async fn the_second_waits_for_the_first(site: &Site) {
    site.prepare(&HelloOptions { pre_start: WAIT, ..HelloOptions::default() }).await;
    let server = site.serve().await;
    let api = site.api(&server).await;
    let hold = site.hold();
    site.deploy_with(Version::V1, "--detach").await.succeeds();
    hold.reached().await;
    site.deploy_with(Version::V2, "--detach").await.succeeds();
    assert_eq!(api.deployment("hello#2").await.summary.status, DeploymentStatus::Queued);

    drop(hold);
    let first = api.deployment_is("hello#1", DeploymentStatus::Succeeded).await.summary;
    let second = api.deployment_is("hello#2", DeploymentStatus::Succeeded).await.summary;
    assert!(second.started_at >= first.ended_at, "{:?} {:?}", second.started_at, first.ended_at);
    assert_eq!(site.app().serves().await.as_deref(), Some("v2"));
    server.stop().await;
}

async fn what_is_waited_for_is_said(site: &Site) {
    site.prepare(&HelloOptions { pre_start: WAIT, ..HelloOptions::default() }).await;
    let server = site.serve().await;
    let hold = site.hold();
    site.deploy_with(Version::V1, "--detach").await.succeeds();
    hold.reached().await;
    let second = site.start_deploy(Version::V2, "");
    second.says("waits for hello#1, which is running\n").await;
    drop(second);
    let status = site.windlass("status").await.succeeds().stdout;
    assert!(status.contains("○ hello#2 queued") && status.contains("\n    held by ● hello#1 running\n"), "{status}");
    site.windlass("cancel hello#2").await.succeeds();
    server.kill().await;

    // Nobody can say what became of the command.
    site.target().kill_commands();
    let server = site.serve().await;
    let third = site.start_deploy(Version::V2, "");
    third.says("waits for hello#1, which was interrupted: windlass status hello#1\n").await;
    let status = site.windlass("status").await.succeeds().stdout;
    assert!(status.contains("\n    held by ? hello#1 interrupted: windlass status hello#1\n"), "{status}");
    drop(hold);
    site.windlass("cancel hello#1").await.succeeds();
    assert!(third.ended().await.success());
    assert_eq!(site.app().serves().await.as_deref(), Some("v2"));
    server.stop().await;
}

/// `queue = "supersede"`: what waits ends when a newer one comes; what runs goes on.
async fn only_the_newest_has_its_turn(site: &Site) {
    site.prepare(&HelloOptions { pre_start: WAIT, ..HelloOptions::default() }).await;
    let config = site.project_dir().join("windlass.toml");
    let text = std::fs::read_to_string(&config).expect("it was written");
    site.write_config(&format!("queue = \"supersede\"\n{text}"));
    let server = site.serve().await;
    let api = site.api(&server).await;
    let hold = site.hold();
    site.deploy_with(Version::V1, "--detach").await.succeeds();
    hold.reached().await;
    site.deploy_with(Version::V1, "--detach").await.succeeds();
    site.deploy_with(Version::V2, "--detach").await.succeeds();
    let ended = api.deployment("hello#2").await.summary;
    assert_eq!((ended.status, ended.started_at), (DeploymentStatus::Canceled, None));
    assert_eq!(ended.failure.map(|failure| failure.message).as_deref(), Some("superseded by hello#3"));
    drop(hold);
    api.deployment_is("hello#1", DeploymentStatus::Succeeded).await;
    api.deployment_is("hello#3", DeploymentStatus::Succeeded).await;
    assert_eq!(site.app().serves().await.as_deref(), Some("v2"));
    server.stop().await;
}
