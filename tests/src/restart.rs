//! The server's end in the middle of a deployment, and how the next start goes on with it.

use crate::harness::{HelloOptions, Server, Site, Version, WAIT, exit, on_each_database};
use windlass_api_types::deployment::Deployment;
use windlass_api_types::{DeploymentStatus, EventBody, StageStatus};

mod output;

on_each_database![
    a_killed_server_goes_on_where_it_was,
    a_terminated_server_lets_go_of_it,
    what_went_on_can_be_canceled,
    a_person_says_what_became_of_a_command,
    a_retry_does_not_do_again_what_stands,
    without_a_server_the_next_command_goes_on,
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

/// Three commands whose outcome nobody knows, and what each answer makes of them.
async fn a_person_says_what_became_of_a_command(site: &Site) {
    site.add_target().await.succeeds();
    site.write_config(
        r#"
        project = "shop"
        [environments.production]
        targets = { app = ["web-1"] }
        [[stage]]
        id = "migrate"
        targets = "app"
        run = "echo begun >> count; touch held; while [ -e hold ]; do sleep 0.05; done; echo ended >> count"
        [[stage]]
        id = "after"
        targets = "app"
        run = "echo after >> count"
        "#,
    );
    let count = || std::fs::read_to_string(site.target().home().join("count")).unwrap_or_default();
    let mut server = site.serve().await;
    for (number, answer, expected, counted) in [
        (1, "--done", DeploymentStatus::Succeeded, "begun\nafter\n"),
        (2, "--retry", DeploymentStatus::Succeeded, "begun\nbegun\nended\nafter\n"),
        (3, "--fail", DeploymentStatus::Failed, "begun\n"),
    ] {
        let label = format!("shop#{number}");
        server = interrupt(site, server).await;
        let api = site.api(&server).await;
        let interrupted = api.deployment_is(&label, DeploymentStatus::Interrupted).await;
        let run = interrupted.state.last_run("migrate", Some("web-1")).unwrap();
        assert_eq!(run.status, StageStatus::Interrupted);
        let said = site.windlass(&format!("status {label}")).await.succeeds().stdout;
        assert!(said.contains("ended without leaving a status") && said.contains("echo begun"), "{said}");
        assert!(said.contains(&format!("windlass resolve {label} --done")), "{said}");
        site.windlass(&format!("resolve {label} {answer}")).await.succeeds();
        let ended = api.deployment_is(&label, expected).await;
        assert_eq!(count(), counted, "{label}");
        if expected == DeploymentStatus::Failed {
            assert_eq!(ended.summary.failure.unwrap().code, "resolved-failed");
        }
        let again = site.windlass(&format!("resolve {label} {answer}")).await.exits(exit::USAGE);
        assert!(again.stderr.contains(&format!("{label} has {expected} already")), "{}", again.stderr);
        std::fs::remove_file(site.target().home().join("count")).unwrap();
    }
    server.stop().await;
}

/// Deploys, and kills the server and the command on the target in its middle. Nothing is held afterwards.
async fn interrupt(site: &Site, server: Server) -> Server {
    let hold = site.hold();
    site.windlass("deploy --to production --detach").await.succeeds();
    hold.reached().await;
    server.kill().await;
    site.target().kill_commands();
    drop(hold);
    site.serve().await
}

/// The same inputs again; what passed, and has no undo, is not done again where that is asked for.
async fn a_retry_does_not_do_again_what_stands(site: &Site) {
    site.add_target().await.succeeds();
    let stage = |id: &str, run: &str| format!("[[stage]]\nid = \"{id}\"\ntargets = \"app\"\nrun = \"{run}\"\n");
    let config = format!(
        "project = \"shop\"\n[environments.production]\ntargets = {{ app = [\"web-1\"] }}\n{}{}",
        stage("build", "echo build-${variables.COLOR} >> count"),
        stage("check", "test -e good && echo check-${stages.build.outputs.status} >> count"),
    );
    site.write_config(&config);
    site.windlass("config push").await.succeeds();
    site.windlass("var set shop/production COLOR=red").await.succeeds();
    site.windlass("deploy --to production").await.exits(exit::FAILED);
    site.windlass("var set shop/production COLOR=blue").await.succeeds();
    std::fs::write(site.target().home().join("good"), "").unwrap();
    let retried: Deployment = site.windlass("retry shop#1 --from-failed --json").await.succeeds().json();
    assert_eq!(retried.summary.label, "shop#2");
    let skipped = retried.state.stage("build").unwrap();
    assert_eq!(skipped.skipped.as_deref(), Some("shop#1 did it, and it stands"));
    site.windlass("retry shop#1").await.succeeds();
    let count = std::fs::read_to_string(site.target().home().join("count")).unwrap();
    assert_eq!(count, "build-red\ncheck-0\nbuild-red\ncheck-0\n");
}

/// Nothing serves: what a killed command left is canceled, and undone, before the command that says so ends.
async fn without_a_server_the_next_command_goes_on(site: &Site) {
    site.prepare(&HelloOptions { pre_start: WAIT, ..HelloOptions::default() }).await;
    site.deploy(Version::V1).await.succeeds();
    let _hold = site.hold();
    let deploying = site.start_deploy(Version::V2, "");
    _hold.reached().await;
    deploying.kill().await;
    site.windlass("cancel hello#2").await.succeeds();
    let said = site.windlass("status hello#2").await.succeeds().stdout;
    assert!(said.contains("canceled"), "{said}");
    assert_eq!(site.app().releases().len(), 1, "what it had uploaded is removed");
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));
}
