//! The server's end in the middle of a deployment, and how the next start goes on with it.

use crate::harness::{HelloOptions, Site, Version, WAIT, exit, on_each_database};
use windlass_api_types::{DeploymentStatus, EventBody, StageStatus};

on_each_database![
    a_killed_server_goes_on_where_it_was,
    a_terminated_server_lets_go_of_it,
    what_went_on_can_be_canceled,
    a_command_that_only_looks_runs_nothing,
];

/// Says on the target how often it ran, and waits in its middle while it is held: see [`WAIT`].
const COUNTED: &str = "echo once >> \"$HOME/count\"; echo before; touch \"$HOME/held\"; \
                       while [ -e \"$HOME/hold\" ]; do sleep 0.05; done; echo after";

/// The command went on without the server, is found again, and nothing is done twice.
async fn a_killed_server_goes_on_where_it_was(site: &Site) {
    site.prepare(&HelloOptions { pre_start: COUNTED, ..HelloOptions::default() }).await;
    let server = site.serve().await;
    site.deploy(Version::V1).await.succeeds();
    std::fs::remove_file(site.target().home().join("count")).unwrap();
    let hold = site.hold();
    site.deploy_with(Version::V2, "--detach").await.succeeds();
    hold.reached().await;
    site.deploy_with(Version::V2, "--detach").await.succeeds();
    server.kill().await;
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));

    let server = site.serve().await;
    let api = site.api(&server).await;
    drop(hold);
    let ended = api.deployment_is("hello#2", DeploymentStatus::Succeeded).await;
    assert_eq!(std::fs::read_to_string(site.target().home().join("count")).unwrap(), "once\n", "it ran once");
    let events = api.events("hello#2").await;
    let said = |text: &str| events.iter().filter(|event| event.message == text).count();
    assert_eq!((said("before"), said("after")), (1, 1), "every line is there once");
    assert_eq!(events.iter().filter(|event| matches!(event.body, EventBody::DeploymentResumed { .. })).count(), 1);
    let run = ended.state.last_run("pre-start", Some("web-1")).unwrap();
    assert_eq!((run.attempt, run.status), (1, StageStatus::Succeeded));
    api.deployment_is("hello#3", DeploymentStatus::Succeeded).await;
    assert_eq!(site.app().serves().await.as_deref(), Some("v2"));
    server.stop().await;
}

async fn a_terminated_server_lets_go_of_it(site: &Site) {
    site.prepare(&HelloOptions { pre_start: WAIT, ..HelloOptions::default() }).await;
    let server = site.serve().await;
    let hold = site.hold();
    site.deploy_with(Version::V1, "--detach").await.succeeds();
    hold.reached().await;
    server.terminate();
    server.ended().await;

    let server = site.serve().await;
    let api = site.api(&server).await;
    drop(hold);
    api.deployment_is("hello#1", DeploymentStatus::Succeeded).await;
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));
    server.stop().await;
}

/// A cancel after the restart ends the command that the killed server had started, and undoes.
async fn what_went_on_can_be_canceled(site: &Site) {
    site.prepare(&HelloOptions { pre_start: WAIT, ..HelloOptions::default() }).await;
    let server = site.serve().await;
    site.deploy(Version::V1).await.succeeds();
    let _hold = site.hold();
    site.deploy_with(Version::V2, "--detach").await.succeeds();
    _hold.reached().await;
    server.kill().await;
    let server = site.serve().await;
    let api = site.api(&server).await;
    site.windlass("cancel hello#2").await.succeeds();
    let canceled = api.deployment_is("hello#2", DeploymentStatus::Canceled).await;
    assert_eq!(canceled.state.canceled_by, Some(canceled.summary.actor.clone()));
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));
    assert_eq!(site.app().releases().len(), 1, "what it had uploaded is removed");
    server.stop().await;
}

/// A deployment whose process was killed goes on with the next command that deploys, not with one that looks.
async fn a_command_that_only_looks_runs_nothing(site: &Site) {
    site.prepare(&HelloOptions { pre_start: WAIT, ..HelloOptions::default() }).await;
    let server = site.serve().await;
    let hold = site.hold();
    site.deploy_with(Version::V1, "--detach").await.succeeds();
    hold.reached().await;
    server.kill().await;
    drop(hold);
    let said = site.windlass("status hello#1").await.succeeds().stdout;
    assert!(said.contains("running"), "{said}");
    assert_eq!(site.app().serves().await, None);
    site.deploy(Version::V2).await.succeeds();
    let history = site.windlass("history hello").await.succeeds().stdout;
    assert_eq!(history.matches("succeeded").count(), 2, "{history}");
    site.windlass("cancel hello#1").await.exits(exit::USAGE);
    assert_eq!(site.app().serves().await.as_deref(), Some("v2"));
}
