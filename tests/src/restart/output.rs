//! The output of a command whose server dies again and again: every line is in the log once and in order.

use crate::harness::{HelloOptions, Site, Version, on_each_database};
use windlass_api_types::{DeploymentStatus, Event, EventBody, OutputStream};

on_each_database![a_command_says_everything_once];

/// A line without an end in a place, and pauses in which servers die.
const CHATTY: &str = "echo once >> \"$HOME/count\"; head -c 40000 /dev/zero | tr '\\0' x; echo; i=0; \
                      while [ $i -lt 200 ]; do echo \"out $i\"; echo \"err $i\" >&2; i=$((i+1)); \
                      [ $((i % 10)) -ne 0 ] || sleep 0.3; done; printf end";

/// The lines of one stream, in the log's order.
fn lines(events: &[Event], wanted: OutputStream) -> Vec<&str> {
    let said =
        |event: &&Event| matches!(event.body, EventBody::LogWritten { stream: Some(stream), .. } if stream == wanted);
    events.iter().filter(said).map(|event| event.message.as_str()).collect()
}

async fn a_command_says_everything_once(site: &Site) {
    site.prepare(&HelloOptions { pre_start: CHATTY, ..HelloOptions::default() }).await;
    let server = site.serve().await;
    site.deploy_with(Version::V1, "--detach").await.succeeds();
    server.kill().await;
    for most in [20, 60, 100] {
        let server = site.serve().await;
        let api = site.api(&server).await;
        while lines(&api.events("hello#1").await, OutputStream::Stderr).len() < most {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        server.kill().await;
    }
    let server = site.serve().await;
    let api = site.api(&server).await;
    api.deployment_is("hello#1", DeploymentStatus::Succeeded).await;
    let events = api.events("hello#1").await;
    let numbered = |name: &str| (0..200).map(|number| format!("{name} {number}")).collect::<Vec<_>>();
    let (whole, rest) = ("x".repeat(16 * 1024), "x".repeat(40_000 - 2 * 16 * 1024));
    let out = [vec![whole.clone(), whole, rest], numbered("out"), vec!["end".to_owned()]].concat();
    assert_eq!(lines(&events, OutputStream::Stdout), out);
    assert_eq!(lines(&events, OutputStream::Stderr), numbered("err"));
    let resumed = events.iter().filter(|event| matches!(event.body, EventBody::DeploymentResumed { .. })).count();
    assert!(resumed >= 3, "{resumed} servers went on with it");
    assert_eq!(std::fs::read_to_string(site.target().home().join("count")).unwrap(), "once\n");
    server.stop().await;
}
