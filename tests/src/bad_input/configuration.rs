//! A configuration that cannot work is refused before anything starts, with the place of each mistake.

use super::said;
use crate::harness::{HelloOptions, Site, Version, exit, on_each_database};
use expect_test::{Expect, expect};
use serde_json::json;

on_each_database![mistakes_are_shown_with_their_places, what_is_to_be_deployed_must_be_there];

/// Pipelines with one mistake, and what is said about it.
fn mistakes() -> [(&'static str, Expect); 7] {
    [
        ("uses = \"no-such-plugin@1\"", expect![]),
        ("uses = \"route@1\"\ntargets = \"app\"\nwith = { port = \"eighty\" }", expect![]),
        ("uses = \"noop@1\"\nbefore = \"no-such-stage\"", expect![]),
        ("run = \"echo ${option.name}\"\ntargets = \"app\"", expect![]),
        ("run = \"echo ${variables.NOT_SET}\"\ntargets = \"app\"", expect![]),
        ("uses = \"noop@1\"\napproval = true", expect![]),
        ("uses \"noop@1\"", expect![]),
    ]
}

async fn mistakes_are_shown_with_their_places(site: &Site) {
    site.add_target().await.succeeds();
    for (stage, expected) in mistakes() {
        site.write_config(&format!(
            "project = \"shop\"\n[environments.production]\ntargets = {{ app = [\"web-1\"] }}\n\
             [[stage]]\nid = \"one\"\n{stage}\n"
        ));
        let output = site.windlass("deploy --to production").await.exits(exit::USAGE);
        expected.assert_eq(&said(site, &output));
    }
    let none = site.windlass("history").await;
    assert!(none.stdout.contains("no deployments") || none.stderr.contains("invalid"), "{none:?}");
}

async fn what_is_to_be_deployed_must_be_there(site: &Site) {
    site.prepare(&HelloOptions::default()).await;
    let server = site.serve().await;
    let api = site.api(&server).await;
    site.deploy(Version::V1).await.succeeds();

    let nothing = site.windlass("deploy --to production").await.exits(exit::USAGE);
    expect![].assert_eq(&said(site, &nothing));
    let no_file = site.windlass("deploy ./no-such-directory --to production").await.exits(exit::USAGE);
    expect![].assert_eq(&said(site, &no_file));
    let config = std::fs::read_to_string(site.project_dir().join("windlass.toml")).unwrap();
    let digest = format!("sha256:{}", "0".repeat(64));
    let request = json!({ "config": config, "environment": "production", "artifacts": { "app": digest } });
    let problem = api.post("/deployments", &request).await.problem(404);
    expect![].assert_eq(&format!("{}\n{}", problem.detail, problem.hint.unwrap()));

    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));
    server.stop().await;
}
