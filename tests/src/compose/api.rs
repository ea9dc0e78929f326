//! Deploying by the API: the live log on the request itself, an answer at the end, the history of an environment.

use super::place::{Options, Place};
use crate::harness::{Site, Stream, test_on};
use reqwest::Method;
use serde_json::json;
use std::fs;
use windlass_api_types::deployment::{Deployment, DeploymentPage};
use windlass_api_types::{DeploymentStatus, EventBody};

mod sqlite {
    super::test_on!(a_deploy_request_answers_with_its_log_or_at_its_end, Sqlite);
}

async fn a_deploy_request_answers_with_its_log_or_at_its_end(site: &Site) {
    let Some(place) = Place::start(site, &["web-1"]).await else { return };
    place.configure(&Options { targets: &["web-1"], ..Options::default() });
    let server = site.serve().await;
    let api = site.api(&server).await;
    site.windlass("config push").await.succeeds();
    site.windlass("var set shop/production TAG=1").await.succeeds();
    // The compose file is on the target: the request has nothing but the environment.
    place.machine("web-1").write("/opt/docker/compose/docker-compose.api.yml", super::place::COMPOSE);
    let config = fs::read_to_string(site.project_dir().join("windlass.toml")).expect("it was written");
    let request = json!({ "config": config, "environment": "production" });

    let create = api.request(Method::POST, "/deployments").json(&request).header("accept", "text/event-stream");
    let events = Stream::of(create).await.rest().await;
    let lines: Vec<&str> = events.iter().map(|event| event.message.as_str()).collect();
    assert!(lines.iter().any(|line| line.contains("started v1")), "{lines:#?}");
    let end = events.last().map(|event| &event.body);
    assert!(matches!(end, Some(EventBody::DeploymentEnded { status: DeploymentStatus::Succeeded, .. })), "{end:?}");

    let waited: Deployment = api.post("/deployments?wait", &request).await.ok().json();
    assert_eq!(waited.summary.status, DeploymentStatus::Succeeded);
    assert_eq!(place.serving(), ["v1"]);
    // Another look at the first, from its beginning.
    assert_eq!(Stream::open(&api, "shop#1", 0).await.rest().await.len(), events.len());

    let history = async |environment: &str| -> DeploymentPage {
        api.get(&format!("/deployments?project=shop&environment={environment}")).await.ok().json()
    };
    let labels: Vec<String> = history("production").await.deployments.into_iter().map(|one| one.label).collect();
    assert_eq!(labels, ["shop#2", "shop#1"]);
    assert!(history("qa").await.deployments.is_empty());
    server.stop().await;
}
