//! `approval = true` of an environment.

use super::{configure, count, stage, waiting};
use crate::harness::{Site, exit, on_each_database};
use serde_json::json;
use windlass_api_types::plan::Plan;
use windlass_api_types::{Decision, DeploymentStatus, EventBody, FailedBy};

on_each_database![
    it_holds_no_environment_and_goes_on_after_a_restart,
    a_rejected_one_is_canceled,
    nobody_answers,
    an_older_release_asks_as_today,
    it_can_be_canceled_and_asks_at_a_terminal,
];

async fn it_holds_no_environment_and_goes_on_after_a_restart(site: &Site) {
    configure(site, "approval = true", &stage("only", "well", ""));
    let server = site.serve().await;
    let api = site.api(&server).await;
    let asked = waiting(site, &api, "shop#1").await;
    assert_eq!((asked.summary.started_at, asked.state.runs.len()), (None, 0));
    let question = &asked.state.approvals[0];
    let prompt = format!("Deploy release {} as shop#1 to production?", asked.summary.release);
    assert_eq!((question.key.as_str(), &question.stage, &question.prompt), ("deployment", &None, &prompt));

    // The next one overtakes it.
    waiting(site, &api, "shop#2").await;
    let said = site.windlass("approve shop#2").await.succeeds().stdout;
    assert_eq!(said, "shop#2 is approved\n  next: windlass logs shop#2 --follow\n");
    api.deployment_is("shop#2", DeploymentStatus::Succeeded).await;
    assert_eq!(api.deployment("shop#1").await.summary.status, DeploymentStatus::Waiting);
    let said = site.windlass("status shop#1").await.succeeds().stdout;
    assert!(said.contains(&prompt), "{said}");
    assert!(said.contains("next: windlass approve shop#1 | windlass reject shop#1\n"), "{said}");

    server.kill().await;
    let server = site.serve().await;
    let api = site.api(&server).await;
    assert_eq!(api.deployment("shop#1").await.summary.status, DeploymentStatus::Waiting);
    let plan: Plan = api.get("/deployments/shop%231/plan").await.ok().json();
    assert_eq!((plan.runs.len(), &plan.release), (1, &asked.summary.release));
    api.post("/deployments/shop%231/approve", &json!({})).await.ok();
    let ended = api.deployment_is("shop#1", DeploymentStatus::Succeeded).await;
    let decided = ended.state.approvals[0].decided.as_ref().unwrap();
    assert_eq!((decided.decision, decided.by.is_some()), (Decision::Approved, true));
    let problem = api.post("/deployments/shop%231/approve", &json!({})).await.problem(409);
    assert_eq!(problem.detail, "shop#1 has succeeded already");
    let problem = api.get("/deployments/shop%231/plan").await.problem(409);
    assert_eq!(problem.detail, "shop#1 has begun");
    server.stop().await;
}

async fn a_rejected_one_is_canceled(site: &Site) {
    configure(site, "approval = true", &stage("only", "well", ""));
    let server = site.serve().await;
    let api = site.api(&server).await;
    waiting(site, &api, "shop#1").await;
    let said = site.windlass("reject shop#1").await.succeeds().stdout;
    assert_eq!(said, "shop#1 is rejected: it is canceled\n");
    let canceled = api.deployment("shop#1").await;
    assert_eq!(
        (canceled.summary.status, canceled.summary.failed_by),
        (DeploymentStatus::Canceled, Some(FailedBy::User))
    );
    let failure = canceled.summary.failure.unwrap();
    assert_eq!((failure.code.as_str(), failure.message.as_str()), ("rejected", "admin rejected it"));
    let again = site.windlass("approve shop#1").await.exits(exit::USAGE).stderr;
    assert!(again.starts_with("error: shop#1 is canceled already\n"), "{again}");
    server.stop().await;
}

async fn nobody_answers(site: &Site) {
    configure(site, "approval = \"1s\"", &stage("only", "well", ""));
    let server = site.serve().await;
    let api = site.api(&server).await;
    site.windlass("deploy --to production --detach").await.succeeds();
    let canceled = api.deployment_is("shop#1", DeploymentStatus::Canceled).await;
    let failure = canceled.summary.failure.unwrap();
    assert_eq!((failure.code.as_str(), failure.message.as_str()), ("approval-expired", "nobody approved it in time"));
    let decided = canceled.state.approvals[0].decided.as_ref().unwrap();
    assert_eq!((decided.decision, &decided.by), (Decision::Expired, &None));
    let events = api.events("shop#1").await;
    assert_eq!(count(&events, |body| matches!(body, EventBody::ApprovalDecided { .. })), 1);
    server.stop().await;
}

/// The release was made when nobody was asked.
async fn an_older_release_asks_as_today(site: &Site) {
    configure(site, "", &stage("only", "well", ""));
    let server = site.serve().await;
    let api = site.api(&server).await;
    site.windlass("deploy --to production").await.succeeds();
    site.windlass("deploy --to production").await.succeeds();
    configure(site, "approval = true", &stage("only", "well", ""));
    site.windlass("config push").await.succeeds();
    site.windlass("rollback shop --to production --detach").await.succeeds();
    api.deployment_is("shop#3", DeploymentStatus::Waiting).await;
    site.windlass("approve shop#3").await.succeeds();
    api.deployment_is("shop#3", DeploymentStatus::Succeeded).await;
    server.stop().await;
}

async fn it_can_be_canceled_and_asks_at_a_terminal(site: &Site) {
    configure(site, "approval = true", &stage("only", "well", ""));
    let server = site.serve().await;
    let api = site.api(&server).await;
    waiting(site, &api, "shop#1").await;
    site.windlass("cancel shop#1").await.succeeds();
    api.deployment_is("shop#1", DeploymentStatus::Canceled).await;

    let deploying = site.start_windlass("deploy --to production");
    deploying.says("decide it: windlass approve shop#2 | windlass reject shop#2").await;
    let mut person = site.start_on_terminal("approve shop#2");
    person.says("Nothing was changed.").await;
    person.says("to production?").await;
    person.says("Approve? [y/N]").await;
    person.types("y").await;
    assert!(person.ended().await.success());
    deploying.says("✓ the deployment is approved by admin").await;
    assert!(deploying.ended().await.success());
    server.stop().await;
}
