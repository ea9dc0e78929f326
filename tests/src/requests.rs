//! Grants: all that a pipeline asks for is listed before anything starts, to programs, in a plan, and to the person
//! at the terminal, who is asked.

use crate::harness::{Site, exit, on_each_database};
use expect_test::expect;
use serde_json::json;
use windlass_api_types::deployment::Deployment;
use windlass_api_types::grant::{Grant, Requests};
use windlass_api_types::plan::Plan;

on_each_database![
    all_that_is_asked_for_is_listed_before_anything_starts,
    who_deploys_at_a_terminal_is_asked_for_all_of_it,
    a_protected_environment_asks_nobody,
];

/// Its first stage fails, so that nothing that is granted is ever used.
const CONFIG: &str = r#"
project = "asks"
[environments.production]
targets = { app = ["web-1"] }

[[stage]]
id = "first"
run = "touch ran; exit 3"
targets = "app"

[[stage]]
id = "migrate"
uses = "run@1"
targets = "app"
with = { command = "true", env = { PASSWORD = { secret = "DB" } } }

[[stage]]
id = "point"
uses = "dns-record@1"
with = { name = "${environment.name}.shop.example.com", values = ["192.0.2.7"] }

[[stage]]
id = "app"
uses = "docker-run@1"
targets = "app"
[stage.with]
name = "shop"
image = "shop:1"
privileged = true
networks = [{ name = "host" }]
mounts = [{ bind = "/srv/asks/data", target = "/data" }, { bind = "/etc/ssl", target = "/ssl" },
          { bind = "/var/run/docker.sock", target = "/docker.sock" }]

[[stage]]
id = "outside"
uses = "http-health@1"
with = { from = "server", host = "shop.example.com", port = 443, tls = true }

[[stage]]
id = "inside"
uses = "http-health@1"
targets = "app"
with = { host = "internal.example.com", port = 80 }

[[stage]]
id = "tell"
uses = "notify@1"
with = { url = "https://${variables.HOOKS}/${release.label}" }
"#;

/// As `windlass grant add` takes them.
const ASKED: [&str; 8] = [
    "docker docker-socket --plugin docker-run",
    "docker host-network --plugin docker-run",
    "docker mount:/etc/ssl --plugin docker-run",
    "docker privileged --plugin docker-run",
    "zone example.com --plugin dns-record",
    "http shop.example.com --plugin http-health",
    "http hooks.example.com --plugin notify",
    "secret DB --plugin run",
];

async fn prepare(site: &Site) {
    site.add_target().await.succeeds();
    site.write_config(CONFIG);
    site.windlass("config push").await.succeeds();
    site.windlass_reading("secret set asks/production DB", "hunter22").await.succeeds();
    site.windlass("var set asks/production HOOKS=hooks.example.com").await.succeeds();
    let zone = "zone add example.com powerdns --url http://127.0.0.1:9";
    site.windlass_reading(zone, "a-key-of-powerdns").await.succeeds();
}

fn sorted(grants: &[Grant]) -> Vec<String> {
    let mut texts: Vec<String> = grants.iter().map(Grant::to_string).collect();
    texts.sort();
    texts
}

fn asked() -> Vec<String> {
    let mut texts = ASKED.map(str::to_owned);
    texts.sort();
    texts.into()
}

async fn all_that_is_asked_for_is_listed_before_anything_starts(site: &Site) {
    prepare(site).await;
    let refused = site.windlass("deploy --to production").await.exits(exit::USAGE);
    let message = "error: asks/production does not grant what the pipeline asks for: ";
    assert!(refused.stderr.starts_with(message), "{}", refused.stderr);
    for grant in ASKED {
        let line = format!("windlass grant add asks/production {grant}");
        assert!(refused.stderr.contains(&line), "no `{line}` in:\n{}", refused.stderr);
    }
    assert!(!site.target().home().join("ran").exists(), "nothing has started");

    let planned = site.windlass("plan --to production").await.exits(exit::FAILED);
    let at = planned.stdout.find("✗ the deployment would not start").expect("the plan says it");
    expect![[r#"
        ✗ the deployment would not start: asks/production does not grant what the pipeline asks for
          next: windlass grant add asks/production zone example.com --plugin dns-record
          next: windlass grant add asks/production docker docker-socket --plugin docker-run
          next: windlass grant add asks/production docker host-network --plugin docker-run
          next: windlass grant add asks/production docker mount:/etc/ssl --plugin docker-run
          next: windlass grant add asks/production docker privileged --plugin docker-run
          next: windlass grant add asks/production http shop.example.com --plugin http-health
          next: windlass grant add asks/production http hooks.example.com --plugin notify
          next: windlass grant add asks/production secret DB --plugin run
    "#]]
    .assert_eq(planned.stdout[at..].split("✗ the deployment would fail").next().unwrap_or_default());
    let plan: Plan = site.windlass("plan --to production --json").await.json();
    assert_eq!(sorted(&plan.missing), asked());

    let server = site.serve().await;
    let api = site.api(&server).await;
    let request = json!({ "config": CONFIG, "environment": "production" });
    let requests: Requests = api.post("/requests", &request).await.ok().json();
    assert_eq!((sorted(&requests.missing), requests.granted), (asked(), vec![]));
    for grant in ASKED {
        site.windlass(&format!("grant add asks/production {grant}")).await.succeeds();
    }
    let requests: Requests = api.post("/requests", &request).await.ok().json();
    assert_eq!((sorted(&requests.granted), requests.missing), (asked(), vec![]));
    server.stop().await;
    let deployment: Deployment = site.windlass("deploy --to production --json").await.exits(exit::FAILED).json();
    assert_eq!(deployment.summary.failure.expect("its first stage fails").code, "exit-status");
    let plan: Plan = site.windlass("plan --to production --json").await.json();
    assert_eq!(plan.missing, []);
}

async fn who_deploys_at_a_terminal_is_asked_for_all_of_it(site: &Site) {
    prepare(site).await;
    let mut refusing = site.start_on_terminal("deploy --to production");
    refusing.says("Grant it? [y/N]").await;
    refusing.types("n").await;
    assert_eq!(refusing.ended().await.code(), Some(exit::USAGE));
    assert!(!site.target().home().join("ran").exists(), "nothing has started");

    let mut granting = site.start_on_terminal("deploy --to production");
    granting.says("asks/production is asked for what it does not grant yet:").await;
    for grant in ASKED {
        let (what, plugin) = grant.split_once(" --plugin ").expect("each is for a plugin");
        granting.says(&format!("  {what}, to the plugin `{plugin}`")).await;
    }
    granting.says("Grant it? [y/N]").await;
    granting.types("y").await;
    assert_eq!(granting.ended().await.code(), Some(exit::FAILED), "its first stage fails");
    assert!(site.target().home().join("ran").exists(), "it has started");
    let listed = site.windlass("grant list asks/production").await.succeeds().stdout;
    assert_eq!(listed.lines().count(), 1 + ASKED.len(), "{listed}");
}

async fn a_protected_environment_asks_nobody(site: &Site) {
    prepare(site).await;
    site.windlass("protect asks/production").await.succeeds();
    let refused = site.start_on_terminal("deploy --to production");
    refused.says("does not grant what the pipeline asks for").await;
    assert_eq!(refused.ended().await.code(), Some(exit::USAGE), "nobody is asked");
}
