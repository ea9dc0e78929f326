use super::Run;
use serde_json::json;
use std::time::Duration;
use windlass_sdk::log::Level;
use windlass_sdk::ssh::{Output, Repeat};
use windlass_sdk::testing::{Call, Harness, LocalTarget};

fn request(config: serde_json::Value) -> windlass_sdk::ssh::Request {
    let mut harness = Harness::new().target("web-1").variable("LOG", "info").config(config);
    harness.next_exec(Ok(Output::ok("")));
    harness.run::<Run>().unwrap();
    match harness.effects() {
        [Call::Exec(request)] => request.clone(),
        calls => panic!("{calls:?}"),
    }
}

#[test]
fn all_that_is_configured_is_asked_for() {
    let request = request(json!({
        "command": "bin/migrate", "directory": "/srv/shop", "env": { "KEY": { "secret": "API_KEY" } },
        "timeout_seconds": 90, "sudo": true, "idempotent": true
    }));
    assert_eq!(request.cwd.as_deref(), Some("/srv/shop"));
    let env: Vec<_> = request.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(env, ["LOG=info", "KEY={{secret:API_KEY}}"]);
    assert_eq!(request.timeout, Some(Duration::from_secs(90)));
    assert_eq!((request.sudo, request.repeat, request.tee), (true, Repeat::Idempotent, Some(Level::Info)));
}

#[test]
fn a_password_of_sudo_is_a_secret() {
    let request = request(json!({ "command": "id", "sudo_password": { "secret": "SUDO" } }));
    assert_eq!((request.sudo, request.sudo_password.as_deref()), (true, Some("SUDO")));
}

#[test]
fn by_default_it_starts_once() {
    assert_eq!(request(json!({ "command": "bin/migrate" })).repeat, Repeat::Reattachable);
    assert_eq!(request(json!({ "command": "df", "reads": true })).repeat, Repeat::Reads);
}

#[test]
fn a_failure_says_which_command_where_and_why() {
    let target = LocalTarget::new();
    let config = json!({ "command": "echo working; echo 'no such table: orders' >&2; exit 3" });
    let mut harness = Harness::new().target("db-1").config(config);
    target.serve(&mut harness, "/nonexistent");
    let error = harness.run::<Run>().unwrap_err();
    let command = "`echo working; echo 'no such table: orders' >&2; exit 3`";
    assert_eq!(error.message, format!("{command} on db-1 exited with 3\n  no such table: orders"));
}

#[test]
fn without_a_target_it_says_what_to_add() {
    let error = Harness::new().config(json!({ "command": "true" })).run::<Run>().unwrap_err();
    assert_eq!(error.code, "no-target");
    assert_eq!(error.hint.unwrap(), "add `targets = \"<group>\"` or `rollout = \"<rollout>\"` to the stage");
}
