//! The template `compose`: a service of Docker Compose on emulated machines, one after another.

mod api;
mod bad_input;
mod place;
mod rollout;
mod values;

use crate::harness::{Site, on_each_database};
use place::{BROKEN, Options, Place};
use windlass_api_types::deployment::Deployment;
use windlass_api_types::{DeploymentStatus, EventBody, RunMode};

on_each_database![a_service_rolls_over_three_targets];

mod sqlite_only {
    crate::harness::test_on!(a_project_begins_with_it, Sqlite);
}

/// `windlass init` asks for what it must know; what it writes can be planned.
async fn a_project_begins_with_it(site: &Site) {
    site.add_target().await.succeeds();
    let line = "init --template compose --set project=shop --set environment=production --set targets.app=web-1";
    site.windlass(line).await.succeeds();
    let config = std::fs::read_to_string(site.project_dir().join("windlass.toml")).expect("it was written");
    for line in ["compose@1", "service = \"shop\"", "# directory = \"/opt/docker/compose\"", "# batch = [1]"] {
        assert!(config.contains(line), "`{line}` is missing in:\n{config}");
    }
    site.windlass("config push").await.succeeds();
    let shown = site.windlass("pipeline show shop/production").await.succeeds().stdout;
    for part in ["compose-up", "http-health", "compose-finish"] {
        assert!(shown.contains(part), "{shown}");
    }
}

/// One at a time, each healthy before the next begins; what the containers write is in the log.
async fn a_service_rolls_over_three_targets(site: &Site) {
    let Some(place) = Place::start(site, &["web-1", "web-2", "web-3"]).await else { return };
    place.configure(&Options::default());
    let server = site.serve().await;
    let api = site.api(&server).await;
    site.windlass("config push").await.succeeds();
    site.windlass("var set shop/production TAG=1").await.succeeds();
    let planned = site.windlass("plan ./docker-compose.api.yml --to production").await.succeeds();
    assert!(planned.stdout.contains("docker compose -p api up"), "{}", planned.stdout);
    assert_eq!(place.serving(), [""; 3], "a plan starts nothing");

    place.deploy().await.succeeds();
    assert_eq!(place.serving(), ["v1"; 3]);
    site.windlass("var set shop/production TAG=2").await.succeeds();
    place.deploy().await.succeeds();
    assert_eq!(place.serving(), ["v2"; 3]);

    let events = api.events("shop#2").await;
    let mut order = Vec::new();
    for event in &events {
        match &event.body {
            EventBody::StageRunStarted { stage, target: Some(target), .. } if stage == "up" => {
                order.push(format!("up {target}"));
            }
            EventBody::ProbeAttempted { healthy: true, .. } => order.push("healthy".to_owned()),
            _ => {}
        }
    }
    assert_eq!(order, ["up web-1", "healthy", "up web-2", "healthy", "up web-3", "healthy"]);
    let log = site.windlass("logs shop#2").await.succeeds().stdout;
    for target in ["web-1", "web-2", "web-3"] {
        assert!(log.contains(target), "{log}");
    }
    assert_eq!(log.matches("started v2").count(), 3, "what the containers write is there once each:\n{log}");
    assert_eq!(place.files("web-1"), [".env.production", "docker-compose.api.yml", "owner"]);
    server.stop().await;
}
