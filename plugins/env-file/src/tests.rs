use super::WriteEnvFile;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use windlass_sdk::testing::{Harness, LocalTarget};

const FILE: &str = "compose/.env.production";

fn harness(target: &LocalTarget, with: Value) -> Harness {
    let mut config = json!({ "path": FILE });
    config.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    let mut harness = Harness::new().target("web-1").config(config).variable("LOG", "info");
    target.serve(&mut harness, "/nonexistent");
    harness
}

fn read(target: &LocalTarget) -> Option<String> {
    std::fs::read_to_string(target.home().join(FILE)).ok()
}

fn names(target: &LocalTarget) -> Vec<String> {
    let entries = std::fs::read_dir(target.home().join("compose")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_file_has_all_variables_and_nobody_else_can_read_it() {
    let target = LocalTarget::new();
    let with =
        json!({ "env": { "PORT": 3000, "URL": ["pg://u:", { "secret": "PASSWORD", "quoting": "url" }, "@db"] } });
    let outputs = harness(&target, with).run::<WriteEnvFile>().unwrap();
    assert_eq!(outputs, json!({ "path": FILE, "variables": 7 }));
    let expected = "# Written by Windlass for shop/production. Change it with: windlass var set shop/production \
        NAME=VALUE\nLOG=\"info\"\nPORT=\"3000\"\nURL=\"pg://u:%3Csecret%20PASSWORD%3E@db\"\n\
        WINDLASS_DEPLOYMENT=\"shop#41\"\n\
        WINDLASS_ENVIRONMENT=\"production\"\nWINDLASS_PROJECT=\"shop\"\nWINDLASS_RELEASE=\"20260305-143022\"\n";
    assert_eq!(read(&target).unwrap(), expected);
    let mode = std::fs::metadata(target.home().join(FILE)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn undo_puts_back_what_was_there() {
    let target = LocalTarget::new();
    harness(&target, json!({})).run::<WriteEnvFile>().unwrap();
    let before = read(&target).unwrap();
    let mut second = harness(&target, json!({ "env": { "LOG": "debug" } }));
    second.run::<WriteEnvFile>().unwrap();
    // Another attempt finds its own.
    second.run::<WriteEnvFile>().unwrap();
    assert!(read(&target).unwrap().contains("LOG=\"debug\""));
    second.undo::<WriteEnvFile>().unwrap();
    second.undo::<WriteEnvFile>().unwrap();
    assert_eq!(read(&target).unwrap(), before);
    assert_eq!(names(&target), [".env.production"]);
}

#[test]
fn undo_of_the_first_deployment_leaves_no_file() {
    let target = LocalTarget::new();
    let mut harness = harness(&target, json!({}));
    harness.run::<WriteEnvFile>().unwrap();
    harness.run::<WriteEnvFile>().unwrap();
    harness.undo::<WriteEnvFile>().unwrap();
    assert_eq!(names(&target), [""; 0]);
}

#[test]
fn what_an_earlier_deployment_kept_is_removed() {
    let target = LocalTarget::new();
    harness(&target, json!({})).run::<WriteEnvFile>().unwrap();
    harness(&target, json!({})).run::<WriteEnvFile>().unwrap();
    let mut third = harness(&target, json!({}));
    third.context().deployment.number = 42;
    third.run::<WriteEnvFile>().unwrap();
    assert_eq!(names(&target), [".env.production", ".env.production.before-42"]);
}

#[test]
fn a_file_of_another_service_is_left_alone() {
    let target = LocalTarget::new();
    harness(&target, json!({ "service": "api" })).run::<WriteEnvFile>().unwrap();
    let before = read(&target);
    let mut other = harness(&target, json!({ "service": "web" }));
    let error = other.run::<WriteEnvFile>().unwrap_err();
    assert_eq!(error.code, "env-file-owned");
    let said = "web-1: compose/.env.production belongs to shop/production, service api, and this is shop/production, \
        service web";
    assert_eq!(error.message, said);
    other.undo::<WriteEnvFile>().unwrap();
    assert_eq!(read(&target), before);
}

#[test]
fn a_file_that_a_person_wrote_is_left_alone() {
    let target = LocalTarget::new();
    std::fs::create_dir(target.home().join("compose")).unwrap();
    std::fs::write(target.home().join(FILE), "LOG=mine\n").unwrap();
    let error = harness(&target, json!({})).run::<WriteEnvFile>().unwrap_err();
    assert_eq!(error.code, "env-file-foreign");
    assert_eq!(error.message, "web-1: compose/.env.production was not written by Windlass");
    assert_eq!(read(&target).unwrap(), "LOG=mine\n");
}

#[test]
fn a_plan_makes_the_same_calls() {
    let (planned, performed) = (LocalTarget::new(), LocalTarget::new());
    let (mut planned, mut performed) = (harness(&planned, json!({})), harness(&performed, json!({})));
    planned.plan::<WriteEnvFile>().unwrap();
    performed.run::<WriteEnvFile>().unwrap();
    assert_eq!(planned.calls(), performed.calls());
}
