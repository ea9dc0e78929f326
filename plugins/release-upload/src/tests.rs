use super::ReleaseUpload;
use serde_json::json;
use windlass_sdk::ssh::Output;
use windlass_sdk::testing::{Harness, LocalTarget};

fn harness() -> Harness {
    Harness::new().target("web-1").artifact("app", "sha256:00").config(json!({ "directory": "shop" }))
}

fn artifact() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("app"), "#!/bin/sh\n").unwrap();
    directory
}

#[test]
fn a_release_gets_a_directory_of_its_own() {
    let (target, artifact) = (LocalTarget::new(), artifact());
    let mut harness = harness();
    target.serve(&mut harness, artifact.path());
    let outputs = harness.run::<ReleaseUpload>().unwrap();
    assert_eq!(outputs, json!({ "directory": "shop/releases/20260305-143022", "data": "shop/data" }));
    assert!(target.home().join("shop/releases/20260305-143022/app").is_file());
    assert!(target.home().join("shop/data").is_dir());
}

#[test]
fn undo_removes_what_this_deployment_brought_and_nothing_else() {
    let (target, artifact) = (LocalTarget::new(), artifact());
    let mut harness = harness();
    target.serve(&mut harness, artifact.path());
    std::fs::create_dir_all(target.home().join("shop/releases/20260301-080000")).unwrap();
    harness.run::<ReleaseUpload>().unwrap();
    harness.undo::<ReleaseUpload>().unwrap();
    harness.undo::<ReleaseUpload>().unwrap();
    assert!(!target.home().join("shop/releases/20260305-143022").exists());
    assert!(target.home().join("shop/releases/20260301-080000").exists());
}

#[test]
fn undo_leaves_a_release_that_was_there_before_or_is_live() {
    let (target, artifact) = (LocalTarget::new(), artifact());
    let release = target.home().join("shop/releases/20260305-143022");

    let mut again = harness();
    target.serve(&mut again, artifact.path());
    std::fs::create_dir_all(&release).unwrap();
    again.run::<ReleaseUpload>().unwrap();
    again.undo::<ReleaseUpload>().unwrap();
    assert!(release.exists());

    std::os::unix::fs::symlink("releases/20260305-143022", target.home().join("shop/current")).unwrap();
    let mut live = harness().checkpoint(json!({ "made": true }));
    target.serve(&mut live, artifact.path());
    live.undo::<ReleaseUpload>().unwrap();
    assert!(release.exists());
}

#[test]
fn a_second_attempt_remembers_that_the_first_one_made_it() {
    let (target, artifact) = (LocalTarget::new(), artifact());
    let mut harness = harness();
    target.serve(&mut harness, artifact.path());
    harness.run::<ReleaseUpload>().unwrap();
    harness.run::<ReleaseUpload>().unwrap();
    harness.undo::<ReleaseUpload>().unwrap();
    assert!(!target.home().join("shop/releases/20260305-143022").exists());
}

#[test]
fn a_plan_makes_the_same_calls() {
    let (target, artifact) = (LocalTarget::new(), artifact());
    let mut planned = harness();
    target.serve(&mut planned, artifact.path());
    planned.plan::<ReleaseUpload>().unwrap();
    assert!(!target.home().join("shop").exists());
    let mut performed = harness();
    target.serve(&mut performed, artifact.path());
    performed.run::<ReleaseUpload>().unwrap();
    assert_eq!(planned.calls(), performed.calls());
}

#[test]
fn a_directory_that_cannot_be_made_says_what_to_do() {
    let mut harness = harness();
    harness.next_exec(Ok(Output::failed(1, "mkdir: cannot create directory ‘shop’: Permission denied\n")));
    let error = harness.run::<ReleaseUpload>().unwrap_err();
    assert_eq!(error.code, "no-directory");
    assert!(error.message.contains("Permission denied"), "{error}");
    assert!(error.hint.unwrap().starts_with("make shop on web-1"));
}

#[test]
fn a_deployment_without_the_artifact_says_what_to_give() {
    let error =
        Harness::new().target("web-1").config(json!({ "directory": "shop" })).run::<ReleaseUpload>().unwrap_err();
    assert_eq!(error.message, "release 20260305-143022 has no artifact `app`");
    assert!(error.hint.unwrap().contains("windlass deploy ./path"));
}
