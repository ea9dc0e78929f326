//! A stage with `watch = true`: its health check goes on for what is live.

use crate::harness::{HelloOptions, Site, Version, exit, on_each_database, signal, until};
use serde_json::Value;

on_each_database![what_is_live_is_watched];

const WATCHED: &str = "[[stage]]\nid = \"healthy\"\nwatch = true\n";

async fn status(site: &Site) -> Value {
    let projects: Value = site.windlass("status hello --json").await.succeeds().json();
    projects["environments"][0]["live"][0]["health"][0].clone()
}

async fn found(site: &Site, healthy: bool) -> Value {
    until("the watch to find what is so", async || {
        Some(status(site).await).filter(|health| health["healthy"] == healthy)
    })
    .await
}

/// Unhealthy when it does not answer, also over a restart of the server, and healthy when it does again.
async fn what_is_live_is_watched(site: &Site) {
    site.prepare(&HelloOptions { more: WATCHED.into(), ..HelloOptions::default() }).await;
    let server = site.serve().await;
    site.deploy(Version::V1).await.succeeds();
    assert_eq!(found(site, true).await["reason"], "its stage found it healthy");

    // What is stopped neither answers nor ends.
    let group = site.app().groups().pop().expect("the app runs");
    signal(-group, libc::SIGSTOP);
    let unhealthy = found(site, false).await;
    let reason = unhealthy["reason"].as_str().expect("it is a text");
    assert!(reason.starts_with("GET :") && reason.ends_with("/health → no answer within 5 s"), "{reason}");
    assert_eq!(unhealthy["stage"], "healthy");
    let shown = site.windlass("status hello").await.succeeds().stdout;
    assert!(shown.contains("  unhealthy since ") && shown.contains("✗ web-1  GET :"), "{shown}");

    server.stop().await;
    let server = site.serve().await;
    assert_eq!(status(site).await, unhealthy, "it is so since then, and not since the restart");
    signal(-group, libc::SIGCONT);
    let healthy = found(site, true).await;
    assert!(healthy["reason"].as_str().is_some_and(|reason| reason.ends_with("/health → 200")), "{healthy}");

    let api = site.api(&server).await;
    let changes: Value = api.get("/projects/hello/environments/production/health").await.ok().json();
    let shown: Vec<(&Value, &Value)> =
        changes.as_array().expect("a list").iter().map(|change| (&change["deployment"], &change["healthy"])).collect();
    let (first, yes, no) = (Value::from("hello#1"), Value::from(true), Value::from(false));
    assert_eq!(shown, [(&first, &yes), (&first, &no), (&first, &yes)]);

    // The next release is watched in place of this one.
    site.deploy(Version::V2).await.succeeds();
    let next = found(site, true).await;
    assert_eq!(next["reason"], "its stage found it healthy");
    server.stop().await;

    site.write_config(
        "project = \"other\"\n[environments.qa]\ntargets = { app = [\"web-1\"] }\n[[stage]]\nid = \"a\"\nrun = \"true\"\n\
         targets = \"app\"\nwatch = true\n",
    );
    let refused = site.windlass("deploy --to qa").await.exits(exit::USAGE).stderr;
    assert!(refused.contains("stage `a`: `watch` needs a plugin that checks health, and `run` does not"), "{refused}");
}
