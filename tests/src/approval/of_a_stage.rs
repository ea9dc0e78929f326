//! `approval = true` of a stage.

use super::{configure, count, stage, waiting};
use crate::harness::{Site, exit, on_each_database};
use serde_json::json;
use windlass_api_types::deployment::Deployment;
use windlass_api_types::plan::Plan;
use windlass_api_types::{DeploymentStatus, EventBody, FailedBy, StageStatus};

on_each_database![
    it_holds_the_environment_and_goes_on_after_a_restart,
    a_rejected_one_fails,
    nobody_answers,
    all_targets_of_a_stage_ask_once,
    it_can_be_canceled,
];

fn stages(approval: &str) -> String {
    stage("first", "well", "") + &stage("second", "well", approval) + &stage("third", "calls", "")
}

async fn it_holds_the_environment_and_goes_on_after_a_restart(site: &Site) {
    configure(site, "", &stages("approval = true"));
    let server = site.serve().await;
    let api = site.api(&server).await;
    let plan: Plan = site.windlass("plan --to production --json").await.succeeds().json();
    assert_eq!(plan.runs.len(), 3, "a plan assumes yes");
    let asked = waiting(site, &api, "shop#1").await;
    let statuses = |deployment: &Deployment| -> Vec<StageStatus> {
        deployment.state.stages.iter().map(|stage| stage.status).collect()
    };
    assert_eq!(statuses(&asked), [StageStatus::Succeeded, StageStatus::Waiting, StageStatus::Pending]);
    assert_eq!(asked.state.approvals[0].prompt, "Run the stage `second` of shop#1 on production?");
    site.windlass("deploy --to production --detach").await.succeeds();

    server.kill().await;
    let server = site.serve().await;
    let api = site.api(&server).await;
    assert_eq!(api.deployment("shop#1").await.summary.status, DeploymentStatus::Waiting);
    assert_eq!(api.deployment("shop#2").await.summary.status, DeploymentStatus::Queued);
    let other = site.windlass("approve shop#1 --stage third").await.exits(exit::USAGE).stderr;
    assert!(other.starts_with("error: shop#1 waits for nobody's approval\n"), "{other}");
    site.windlass("approve shop#1 --stage second").await.succeeds();
    let ended = api.deployment_is("shop#1", DeploymentStatus::Succeeded).await;
    assert_eq!(statuses(&ended), [StageStatus::Succeeded; 3]);
    let events = api.events("shop#1").await;
    assert_eq!(count(&events, |body| matches!(body, EventBody::ApprovalRequested { .. })), 1, "it asked once");
    assert_eq!(count(&events, |body| matches!(body, EventBody::StageRunStarted { .. })), 3, "nothing ran twice");

    // While it waits, the next one has asked too; a second answer comes too late.
    api.deployment_is("shop#2", DeploymentStatus::Waiting).await;
    api.post("/deployments/shop%232/reject", &json!({ "stage": "second" })).await.ok();
    api.deployment_is("shop#2", DeploymentStatus::Failed).await;
    server.stop().await;
}

async fn a_rejected_one_fails(site: &Site) {
    // The plugin asks after the stage was approved, so that it is still there for a second answer.
    let asks = stage("second", "ask", "approval = true") + "seconds = 600\n";
    configure(site, "", &(stage("first", "well", "") + &asks));
    let server = site.serve().await;
    let api = site.api(&server).await;
    waiting(site, &api, "shop#1").await;
    site.windlass("approve shop#1 --key second").await.succeeds();
    let problem = api.post("/deployments/shop%231/reject", &json!({ "key": "second" })).await.problem(409);
    assert_eq!(
        (problem.code.as_str(), problem.detail.as_str()),
        ("decided", "admin has approved the stage `second` of shop#1 already")
    );
    site.windlass("cancel shop#1").await.succeeds();
    api.deployment_is("shop#1", DeploymentStatus::Canceled).await;

    waiting(site, &api, "shop#2").await;
    site.windlass("reject shop#2").await.succeeds();
    let failed = api.deployment_is("shop#2", DeploymentStatus::Failed).await;
    assert_eq!(
        (failed.summary.failed_stage.as_deref(), failed.summary.failed_by),
        (Some("second"), Some(FailedBy::User))
    );
    let failure = failed.summary.failure.unwrap();
    assert_eq!((failure.code.as_str(), failure.message.as_str()), ("rejected", "admin rejected the stage `second`"));
    assert_eq!(failed.state.last_run("second", None).unwrap().status, StageStatus::Failed);
    server.stop().await;
}

async fn nobody_answers(site: &Site) {
    configure(site, "", &stages("approval = \"1s\""));
    let server = site.serve().await;
    let api = site.api(&server).await;
    let said = site.windlass("deploy --to production").await.exits(exit::FAILED).stdout;
    assert!(said.contains("nobody approved the stage `second` in time"), "{said}");
    let failed = api.deployment("shop#1").await;
    assert_eq!(failed.summary.failed_by, Some(FailedBy::User));
    assert_eq!(failed.summary.failure.unwrap().code, "approval-expired");
    assert_eq!(failed.state.stage("third").unwrap().status, StageStatus::Skipped);
    server.stop().await;
}

async fn all_targets_of_a_stage_ask_once(site: &Site) {
    site.add_target().await.succeeds();
    let other = site.another_target("web-2");
    site.windlass(&site.target_line("web-2", &other)).await.succeeds();
    site.write_config(
        "project = \"shop\"\n[environments.production]\ntargets = { app = [\"web-1\", \"web-2\"] }\n\
         [[stage]]\nid = \"say\"\ntargets = \"app\"\nrun = \"echo said\"\napproval = true\n",
    );
    let server = site.serve().await;
    let api = site.api(&server).await;
    waiting(site, &api, "shop#1").await;
    site.windlass("approve shop#1").await.succeeds();
    let ended = api.deployment_is("shop#1", DeploymentStatus::Succeeded).await;
    assert_eq!((ended.state.approvals.len(), ended.state.runs.len()), (1, 2));
    let events = api.events("shop#1").await;
    assert_eq!(count(&events, |body| matches!(body, EventBody::ApprovalRequested { .. })), 1);
    server.stop().await;
}

async fn it_can_be_canceled(site: &Site) {
    configure(site, "", &stages("approval = true"));
    let server = site.serve().await;
    let api = site.api(&server).await;
    waiting(site, &api, "shop#1").await;
    site.windlass("cancel shop#1").await.succeeds();
    let canceled = api.deployment_is("shop#1", DeploymentStatus::Canceled).await;
    assert_eq!(canceled.state.runs.len(), 1);
    server.stop().await;
}
