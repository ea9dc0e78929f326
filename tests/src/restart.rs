//! The server's end in the middle of a deployment, and what the next start makes of it.

use crate::harness::{HelloOptions, Site, Version, WAIT, on_each_database};
use windlass_api_types::{DeploymentStatus, StageStatus};

on_each_database![a_killed_server_leaves_the_deployment_interrupted, a_terminated_server_lets_it_finish];

/// The truth is told, the app serves on, and nothing goes on by itself before a person says so.
async fn a_killed_server_leaves_the_deployment_interrupted(site: &Site) {
    site.prepare(&HelloOptions { pre_start: WAIT, ..HelloOptions::default() }).await;
    let server = site.serve().await;
    site.deploy(Version::V1).await.succeeds();
    let hold = site.hold();
    site.deploy_with(Version::V2, "--detach").await.succeeds();
    hold.reached().await;
    site.deploy_with(Version::V2, "--detach").await.succeeds();
    server.kill().await;
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));

    let server = site.serve().await;
    assert!(server.log().contains("hello#2"), "the log names what was interrupted:\n{}", server.log());
    let api = site.api(&server).await;
    let interrupted = api.deployment("hello#2").await;
    assert_eq!(interrupted.summary.status, DeploymentStatus::Interrupted);
    let run = interrupted.state.last_run("pre-start", Some("web-1")).unwrap();
    assert_eq!(run.status, StageStatus::Interrupted);
    assert_eq!(run.open_effect.as_ref().unwrap().function, "ssh-exec.exec");
    let said = site.windlass("status hello#2").await.succeeds().stdout;
    assert!(said.contains("interrupted") && said.contains("windlass cancel hello#2"), "{said}");
    assert_eq!(api.deployment("hello#3").await.summary.status, DeploymentStatus::Queued);
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));

    drop(hold);
    site.windlass("cancel hello#2").await.succeeds();
    api.deployment_is("hello#2", DeploymentStatus::Canceled).await;
    api.deployment_is("hello#3", DeploymentStatus::Succeeded).await;
    assert_eq!(site.app().serves().await.as_deref(), Some("v2"));
    server.stop().await;
}

async fn a_terminated_server_lets_it_finish(site: &Site) {
    site.prepare(&HelloOptions { pre_start: WAIT, ..HelloOptions::default() }).await;
    let server = site.serve().await;
    let hold = site.hold();
    site.deploy_with(Version::V1, "--detach").await.succeeds();
    hold.reached().await;
    server.terminate();
    server.logs("waiting for running deployments").await;
    let refused = site.deploy_with(Version::V2, "--detach").await.exits(crate::harness::exit::UNREACHABLE);
    assert!(refused.stderr.contains("the server is shutting down and takes no deployments"), "{}", refused.stderr);
    drop(hold);
    server.ended().await;

    let server = site.serve().await;
    let api = site.api(&server).await;
    assert_eq!(api.deployment("hello#1").await.summary.status, DeploymentStatus::Succeeded);
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));
    server.stop().await;
}
