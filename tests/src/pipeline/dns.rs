//! DNS in a pipeline: records of a real server are set, waited for, and set back.

use super::{deploy, runs};
use crate::harness::{Missing, Output, Site, exit, on_each_database};
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use windlass::dns::RecordType;
use windlass::dns::testing::{DnsServer, KEY, SECRET, WRONG_SECRET, ZONE};
use windlass_api_types::{DeploymentStatus, RunMode, StageStatus};

on_each_database![
    a_record_is_set_and_waited_for,
    a_failure_sets_it_back,
    a_wrong_key_says_what_to_do,
    zones_are_configured_and_forgotten,
];

/// `windlass zone add`, whose key comes from stdin.
async fn add_zone(site: &Site, line: &str, secret: &str) -> Output {
    let arguments = ["zone", "add"].into_iter().chain(line.split(' '));
    let mut command = site.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().expect("windlass can be started");
    let mut stdin = child.stdin.take().expect("its input is ours");
    stdin.write_all(secret.as_bytes()).await.expect("windlass reads its input");
    drop(stdin);
    Output::new(format!("windlass zone add {line}"), child.wait_with_output().await.expect("windlass ends"))
}

/// A server whose zone is configured; none where it is not installed.
async fn prepare(site: &Site, secret: &str) -> Option<DnsServer> {
    let server = match DnsServer::knot() {
        Ok(server) => server.ready().await,
        Err(reason) => {
            site.skip(&Missing(reason));
            return None;
        }
    };
    site.add_target().await.succeeds();
    let line = format!("{ZONE} rfc2136 --primary {} --key-name {KEY}", server.address);
    add_zone(site, &line, secret).await.succeeds();
    Some(server)
}

/// A pipeline that points `www` elsewhere and waits until the server says so.
fn config(more: &str) -> String {
    format!(
        r#"
        project = "names"
        [environments.production]
        targets = {{ app = ["web-1"] }}
        [[stage]]
        id = "point"
        uses = "dns-record@1"
        with = {{ name = "www.example.test", values = ["192.0.2.7", "192.0.2.8"], ttl = 60 }}
        [[stage]]
        id = "new"
        uses = "dns-record@1"
        with = {{ name = "new.example.test", type = "TXT", values = ["of ${{release.label}}"] }}
        [[stage]]
        id = "verify"
        uses = "dns-verify@1"
        with = {{ name = "www.example.test", values = ["192.0.2.8", "192.0.2.7"], interval_seconds = 1 }}
        {more}
        "#
    )
}

async fn grant(site: &Site) {
    site.windlass(&format!("grant add names/production zone {ZONE}")).await.succeeds();
}

async fn a_record_is_set_and_waited_for(site: &Site) {
    let Some(server) = prepare(site, SECRET).await else { return };
    site.write_config(&config(""));
    let refused = site.windlass("deploy --to production").await.exits(exit::USAGE).stderr;
    for line in [
        "error: names/production does not grant what the pipeline asks for: zone example.test to the plugin `dns-record`, \
         zone example.test to the plugin `dns-verify`\n",
        "windlass grant add names/production zone example.test --plugin dns-record",
    ] {
        assert!(refused.contains(line), "no `{line}` in:\n{refused}");
    }
    assert_eq!(server.says("www.example.test", RecordType::A).await.values, ["192.0.2.1"]);

    grant(site).await;
    site.windlass("plan --to production").await.succeeds();
    assert_eq!(server.says("www.example.test", RecordType::A).await.values, ["192.0.2.1"], "a plan changes nothing");

    let deployment = deploy(site).await;
    assert_eq!(deployment.summary.status, DeploymentStatus::Succeeded);
    let www = server.says("www.example.test", RecordType::A).await;
    assert_eq!((www.values, www.ttl), (vec!["192.0.2.7".to_owned(), "192.0.2.8".to_owned()], 60));
    let new = server.says("new.example.test", RecordType::Txt).await;
    assert_eq!((new.values, new.ttl), (vec![format!("of {}", deployment.summary.release)], 300));
    let logs = site.windlass("logs --stage verify").await.succeeds().stdout;
    assert!(logs.contains("attempt 1: www.example.test A is 192.0.2.7, 192.0.2.8"), "{logs}");
    let effects = site.windlass("effects --json").await.succeeds().stdout;
    assert!(effects.contains("dns.upsert") && effects.contains("dns.wait-propagated"), "{effects}");
    assert!(!effects.contains(SECRET), "the zone's key is the server's own");
}

async fn a_failure_sets_it_back(site: &Site) {
    let Some(server) = prepare(site, SECRET).await else { return };
    let late = r#"
        [[stage]]
        id = "elsewhere"
        uses = "dns-verify@1"
        with = { name = "www.example.test", values = ["192.0.2.99"], interval_seconds = 1, timeout_seconds = 1 }
        on_failure = "warn"
        [[stage]]
        id = "fails"
        run = "exit 1"
        targets = "app"
        "#;
    site.write_config(&config(late));
    site.windlass("config push").await.succeeds();
    grant(site).await;
    let deployment = deploy(site).await;
    assert_eq!(deployment.summary.status, DeploymentStatus::Failed);
    assert_eq!(deployment.summary.failed_stage.as_deref(), Some("fails"));
    assert_eq!(deployment.state.stage("elsewhere").map(|stage| stage.status), Some(StageStatus::Warned));
    assert_eq!(runs(&deployment, RunMode::Undo), ["new", "point"]);
    let www = server.says("www.example.test", RecordType::A).await;
    assert_eq!((www.values, www.ttl), (vec!["192.0.2.1".to_owned()], 300));
    assert!(server.says("new.example.test", RecordType::Txt).await.values.is_empty());
}

async fn a_wrong_key_says_what_to_do(site: &Site) {
    let Some(server) = prepare(site, WRONG_SECRET).await else { return };
    site.write_config(&config(""));
    site.windlass("config push").await.succeeds();
    grant(site).await;
    let failed = site.windlass("deploy --to production").await.exits(exit::FAILED);
    let said = failed.stderr + &failed.stdout;
    let address = &server.address;
    for line in [
        format!("zone example.test: {address} has another secret for the key `windlass`"),
        "give the secret as the server has it: windlass zone add example.test rfc2136 …".to_owned(),
    ] {
        assert!(said.contains(&line), "{line}\n{said}");
    }
    assert_eq!(server.says("www.example.test", RecordType::A).await.values, ["192.0.2.1"]);
}

async fn zones_are_configured_and_forgotten(site: &Site) {
    let none = site.windlass("zone list").await.succeeds();
    assert_eq!(none.stdout, "no zones\n");
    let line = "Example.Test. rfc2136 --primary 127.0.0.1:53 --key-name windlass";
    let refused = add_zone(site, line, "no base64!").await.exits(exit::USAGE);
    let why = "zone example.test: the secret of a TSIG key is base64, as tsig-keygen or keymgr print it";
    assert!(refused.stderr.contains(why), "{}", refused.stderr);
    add_zone(site, line, &format!("{SECRET}\n")).await.succeeds();
    let list = site.windlass("zone list --json").await.succeeds().stdout;
    assert!(list.contains(r#""name": "example.test""#) || list.contains(r#""name":"example.test""#), "{list}");
    assert!(!list.contains(SECRET), "{list}");
    add_zone(site, "example.test cloudflare", "another-key").await.succeeds();
    let list = site.windlass("zone list").await.succeeds().stdout;
    assert!(list.contains("cloudflare") && !list.contains("rfc2136"), "{list}");
    site.windlass("zone remove example.test").await.succeeds();
    let again = site.windlass("zone remove example.test").await;
    assert!(again.stderr.contains("there is no zone `example.test`"), "{}", again.stderr);
}
