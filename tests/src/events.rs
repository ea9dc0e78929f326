//! The event stream of a deployment: gap-free and without doubles, over every loss of the connection.

use crate::harness::{Api, Site, Stream, WAIT, on_each_database};
use reqwest::Method;
use serde_json::json;
use windlass_api_types::deployment::Deployment;
use windlass_api_types::{DeploymentStatus, Event, EventBody};

on_each_database![
    reconnecting_anywhere_loses_and_doubles_nothing,
    a_server_that_was_killed_goes_on_with_the_stream,
    creating_answers_with_the_stream_or_at_the_end,
];

/// Lines that the deployment logs, while viewers come and go.
const LINES: usize = 20_000;
/// Viewers that read at the same time, each with breaks of its own.
const VIEWERS: u64 = 3;

/// A pipeline of one stage.
fn config(command: &str) -> String {
    format!(
        "project = \"shop\"\n[environments.production]\ntargets = {{ app = [\"web-1\"] }}\n\
         [[stage]]\nid = \"talk\"\nrun = '''{command}'''\ntargets = \"app\"\n"
    )
}

/// In bursts, so that viewers meet the deployment in its middle.
fn talk() -> String {
    format!("i=0; while [ $i -lt {LINES} ]; do i=$((i+1)); echo line $i; [ $((i % 1000)) -ne 0 ] || sleep 0.1; done")
}

async fn reconnecting_anywhere_loses_and_doubles_nothing(site: &Site) {
    site.add_target().await.succeeds();
    site.write_config(&config(&talk()));
    let server = site.serve().await;
    let api = site.api(&server).await;
    site.windlass("deploy --to production --detach").await.succeeds();
    let viewers = (1..=VIEWERS).map(|seed| watch_with_breaks(api.clone(), seed));
    let seen = futures::future::join_all(viewers).await;

    let history = api.events("shop#1").await;
    let said: Vec<&str> = history.iter().filter_map(line).collect();
    let expected: Vec<String> = (1..=LINES).map(|number| format!("line {number}")).collect();
    assert!(said == expected, "the history has every line once and in order: {} of {LINES}", said.len());
    for seen in seen {
        assert!(seen == history, "a viewer saw {} events, the history has {}", seen.len(), history.len());
    }
    // Whoever comes when all is over gets the same.
    let mut late = Stream::open(&api, "shop#1", 0).await;
    assert!(late.rest().await == history);
    assert_eq!(api.deployment("shop#1").await.summary.last_seq, history.len() as u64);
    server.stop().await;
}

/// What the command said.
fn line(event: &Event) -> Option<&str> {
    let of_effect = matches!(event.body, EventBody::LogWritten { effect: Some(_), .. });
    of_effect.then_some(event.message.as_str())
}

/// Reads a deployment to its end, and breaks the connection off again and again, at places that the seed
/// decides; every other time it says where it was in the address instead of the header.
async fn watch_with_breaks(api: Api, seed: u64) -> Vec<Event> {
    let mut seen: Vec<Event> = Vec::new();
    let mut random = seed;
    loop {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let after = seen.last().map_or(0, |event| event.seq);
        let mut stream = match random >> 63 {
            0 => Stream::open(&api, "shop#1", after).await,
            _ => Stream::open_with_header(&api, "shop#1", after).await,
        };
        let most = (random >> 33) as usize % 4_000;
        let mut taken = 0;
        while taken <= most {
            let Some(batch) = stream.next().await else { return seen };
            taken += batch.len();
            seen.extend(batch);
        }
    }
}

/// The rest, with what the restart made of it, comes from the next server.
async fn a_server_that_was_killed_goes_on_with_the_stream(site: &Site) {
    site.add_target().await.succeeds();
    site.write_config(&config(&format!("for i in 1 2 3; do echo before $i; done; {WAIT}; echo after")));
    let server = site.serve().await;
    let api = site.api(&server).await;
    let hold = site.hold();
    site.windlass("deploy --to production --detach").await.succeeds();
    hold.reached().await;
    let mut stream = Stream::open(&api, "shop#1", 0).await;
    let mut seen = Vec::new();
    while !seen.iter().any(|event| line(event) == Some("before 3")) {
        seen.extend(stream.next().await.expect("the deployment runs"));
    }
    server.kill().await;

    let server = site.serve().await;
    let api = site.api(&server).await;
    let mut stream = Stream::open(&api, "shop#1", seen.len() as u64).await;
    while !seen.iter().any(|event| matches!(event.body, EventBody::DeploymentResumed { .. })) {
        seen.extend(stream.next().await.expect("it goes on"));
    }
    site.windlass("cancel shop#1").await.succeeds();
    seen.extend(stream.rest().await);
    assert!(matches!(seen.last().unwrap().body, EventBody::DeploymentEnded { .. }), "{:?}", seen.last());
    assert_eq!(seen, api.events("shop#1").await);
    drop(hold);
    server.stop().await;
}

async fn creating_answers_with_the_stream_or_at_the_end(site: &Site) {
    site.add_target().await.succeeds();
    let server = site.serve().await;
    let api = site.api(&server).await;
    let request = json!({ "config": config("echo said"), "environment": "production" });
    let waited: Deployment = api.post("/deployments?wait", &request).await.ok().json();
    assert_eq!(waited.summary.status, DeploymentStatus::Succeeded);

    let create = api.request(Method::POST, "/deployments").json(&request).header("accept", "text/event-stream");
    let mut stream = Stream::of(create).await;
    assert_eq!(stream.rest().await, api.events("shop#2").await);
    server.stop().await;
}
