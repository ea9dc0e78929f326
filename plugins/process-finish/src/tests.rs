use super::ProcessFinish;
use serde_json::json;
use windlass_sdk::testing::{Harness, LocalTarget};

fn on_a_target(releases: &[&str]) -> (LocalTarget, Harness) {
    let target = LocalTarget::new();
    std::fs::create_dir_all(target.home().join("shop/run")).unwrap();
    for label in releases {
        std::fs::create_dir_all(target.home().join("shop/releases").join(label)).unwrap();
    }
    let mut harness = Harness::new().target("web-1").config(json!({ "directory": "shop" }));
    target.serve(&mut harness, "/nonexistent");
    (target, harness)
}

fn current(target: &LocalTarget) -> String {
    std::fs::read_link(target.home().join("shop/current")).unwrap().display().to_string()
}

#[test]
fn the_release_becomes_current() {
    let (target, mut harness) = on_a_target(&["20260301-080000", "20260305-143022"]);
    std::os::unix::fs::symlink("releases/20260301-080000", target.home().join("shop/current")).unwrap();
    harness.run::<ProcessFinish>().unwrap();
    harness.run::<ProcessFinish>().unwrap();
    assert_eq!(current(&target), "releases/20260305-143022");
    let left: Vec<_> =
        std::fs::read_dir(target.home().join("shop")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("current.")), "{left:?}");
}

#[test]
fn a_current_that_is_no_link_is_left_alone() {
    let (target, mut harness) = on_a_target(&["20260305-143022"]);
    std::fs::create_dir(target.home().join("shop/current")).unwrap();
    let error = harness.run::<ProcessFinish>().unwrap_err();
    assert!(error.message.ends_with("shop/current is not a link: move it away"), "{error}");
}

#[test]
fn a_plan_makes_the_same_calls() {
    let harness = || Harness::new().target("web-1").config(json!({ "directory": "shop" }));
    let mut planned = harness();
    planned.plan::<ProcessFinish>().unwrap();
    let mut performed = harness();
    performed.on_exec(|_| Ok(windlass_sdk::ssh::Output::ok("")));
    performed.run::<ProcessFinish>().unwrap();
    assert_eq!(planned.calls(), performed.calls());
}
