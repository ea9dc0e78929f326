//! `windlass:approval`: a plugin asks and waits. While it waits there is no sandbox.

use super::{configure, count, stage, waiting};
use crate::harness::{Site, exit, on_each_database};
use serde_json::json;
use windlass_api_types::effect::DeploymentEffect;
use windlass_api_types::plan::Plan;
use windlass_api_types::{DeploymentStatus, EffectAnswer, EventBody, StageStatus};

on_each_database![
    the_answer_is_the_plugins_after_a_restart,
    no_and_nobody_are_answers_too,
    waiting_is_outside_its_timeout_and_ends_with_a_cancel,
];

fn asks(seconds: u64, more: &str) -> String {
    stage("ask", "ask", more) + &format!("seconds = {seconds}\n")
}

async fn the_answer_is_the_plugins_after_a_restart(site: &Site) {
    configure(site, "", &asks(600, ""));
    let server = site.serve().await;
    let api = site.api(&server).await;
    let plan: Plan = site.windlass("plan --to production --json").await.succeeds().json();
    assert_eq!(plan.runs[0].outputs.as_ref().unwrap()["text"], "Approved by nobody", "a plan assumes yes");
    let asked = waiting(site, &api, "shop#1").await;
    let run = asked.state.last_run("ask", None).unwrap();
    assert_eq!((run.status, run.suspended.as_deref()), (StageStatus::Waiting, Some("Shall it go on?")));
    assert_eq!(asked.state.approvals.len(), 1, "it asks the same twice");
    let question = &asked.state.approvals[0];
    assert_eq!((question.key.as_str(), question.stage.as_deref()), ("ask/go-on", Some("ask")));
    let effects: Vec<DeploymentEffect> = site.windlass("effects shop#1 --json").await.succeeds().json();
    let link = format!("{}/deployments/shop/1", server.url);
    assert_eq!(effects[0].answer, Some(EffectAnswer::Ok(json!(link))));
    let said = site.windlass("replay shop#1").await.succeeds().stdout;
    assert!(said.contains("the record ends here: effect 2 has no answer"), "{said}");

    server.kill().await;
    let server = site.serve().await;
    let api = site.api(&server).await;
    assert_eq!(api.deployment("shop#1").await.summary.status, DeploymentStatus::Waiting);
    site.windlass("approve shop#1 --stage ask").await.succeeds();
    let ended = api.deployment_is("shop#1", DeploymentStatus::Succeeded).await;
    assert_eq!(ended.state.runs[0].outputs.as_ref().unwrap()["text"], "Approved by admin");
    let events = api.events("shop#1").await;
    assert_eq!(count(&events, |body| matches!(body, EventBody::ApprovalRequested { .. })), 1, "it asked once");
    let said = site.windlass("replay shop#1").await.succeeds().stdout;
    assert!(said.contains("ask  misbehave@7.0.0  the same: 3 effects and the outputs"), "{said}");
    server.stop().await;
}

async fn no_and_nobody_are_answers_too(site: &Site) {
    configure(site, "", &asks(600, ""));
    let server = site.serve().await;
    let api = site.api(&server).await;
    waiting(site, &api, "shop#1").await;
    site.windlass("reject shop#1").await.succeeds();
    let ended = api.deployment_is("shop#1", DeploymentStatus::Succeeded).await;
    assert_eq!(ended.state.runs[0].outputs.as_ref().unwrap()["text"], "Rejected by admin");

    configure(site, "", &asks(1, ""));
    site.windlass("deploy --to production").await.succeeds();
    let ended = api.deployment("shop#2").await;
    assert_eq!(ended.state.runs[0].outputs.as_ref().unwrap()["text"], "Expired by nobody");

    configure(site, "", &asks(0, ""));
    let said = site.windlass("deploy --to production").await.exits(exit::FAILED).stdout;
    assert!(said.contains("a question that is open for 0ns; 1 second to 30 days are allowed"), "{said}");
    server.stop().await;
}

async fn waiting_is_outside_its_timeout_and_ends_with_a_cancel(site: &Site) {
    // It is asked for longer than the stage may take.
    configure(site, "", &asks(3, "timeout = \"1s\""));
    let server = site.serve().await;
    let api = site.api(&server).await;
    site.windlass("deploy --to production").await.succeeds();
    let ended = api.deployment("shop#1").await;
    assert_eq!(ended.state.runs[0].outputs.as_ref().unwrap()["text"], "Expired by nobody");

    configure(site, "", &asks(600, ""));
    waiting(site, &api, "shop#2").await;
    site.windlass("cancel shop#2").await.succeeds();
    let canceled = api.deployment_is("shop#2", DeploymentStatus::Canceled).await;
    assert_eq!(canceled.state.runs[0].status, StageStatus::Canceled);
    server.stop().await;
}
