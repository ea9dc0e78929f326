use super::Hook;
use serde_json::{Value, json};
use windlass_sdk::testing::{Harness, LocalTarget};

fn on_a_target(config: Value) -> (LocalTarget, Harness) {
    let target = LocalTarget::new();
    for directory in ["shop/releases/20260305-143022", "shop/data"] {
        std::fs::create_dir_all(target.home().join(directory)).unwrap();
    }
    let mut harness = Harness::new().target("web-1").variable("LOG", "in'fo").config(config);
    target.serve(&mut harness, "/nonexistent");
    (target, harness)
}

#[test]
fn it_runs_in_the_release_with_the_apps_environment() {
    let (target, mut harness) = on_a_target(json!({
        "directory": "shop", "port": 20001, "env": { "EXTRA": "x y" },
        "command": "pwd >seen; echo \"$LOG|$EXTRA|$PORT|$DATA_DIR|$WINDLASS_RELEASE\" >>seen"
    }));
    assert_eq!(harness.run::<Hook>().unwrap(), json!({ "ran": true }));
    let home = target.home().canonicalize().unwrap().display().to_string();
    let seen = std::fs::read_to_string(target.home().join("shop/releases/20260305-143022/seen")).unwrap();
    let app = target.home().display().to_string();
    let lines: Vec<_> = seen.lines().map(|line| line.replace(&home, "~").replace(&app, "~")).collect();
    assert_eq!(lines, ["~/shop/releases/20260305-143022", "in'fo|x y|20001|~/shop/data|20260305-143022"]);
}

#[test]
fn a_failure_is_the_stages() {
    let (_target, mut harness) =
        on_a_target(json!({ "directory": "shop", "command": "echo 'no such table' >&2; exit 4" }));
    let error = harness.run::<Hook>().unwrap_err();
    assert_eq!(error.message, "`echo 'no such table' >&2; exit 4` on web-1 exited with 4\n  no such table");
}

#[test]
fn without_a_command_it_does_nothing() {
    for command in [json!(null), json!(""), json!(" ")] {
        let mut harness = Harness::new().target("web-1").config(json!({ "directory": "shop", "command": command }));
        assert_eq!(harness.run::<Hook>().unwrap(), json!({ "ran": false }));
        assert!(harness.calls().is_empty());
    }
}
