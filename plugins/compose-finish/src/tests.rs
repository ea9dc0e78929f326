use super::ComposeFinish;
use serde_json::json;
use windlass_sdk::testing::{Harness, LocalTarget};

fn run(target: &LocalTarget, label: &str) {
    let config = json!({
        "service": "api", "directory": "compose", "file": "compose/docker-compose.api.yml",
        "env_file": "compose/api/.env.production", "keep": 2
    });
    let mut harness = Harness::new().target("web-1").config(config).release(label, 41);
    target.serve(&mut harness, "/nonexistent");
    assert_eq!(harness.run::<ComposeFinish>().unwrap(), json!({ "release": label }));
}

fn all(target: &LocalTarget) -> Vec<String> {
    let mut names = Vec::new();
    for directory in ["compose", "compose/api", "compose/api/releases"] {
        for entry in std::fs::read_dir(target.home().join(directory)).into_iter().flatten() {
            names.push(format!("{directory}/{}", entry.unwrap().file_name().display()));
        }
    }
    names.sort();
    names
}

#[test]
fn what_was_kept_and_old_releases_are_removed() {
    let target = LocalTarget::new();
    for label in ["20260301-000000", "20260302-000000", "20260303-000000"] {
        std::fs::create_dir_all(target.home().join("compose/api/releases").join(label)).unwrap();
    }
    for file in [
        "docker-compose.api.yml",
        "docker-compose.api.yml.before-41",
        "docker-compose.web.yml.before-40",
        "api/.env.production",
        "api/.env.production.before-41",
        "api/override.yml.before-41",
        "api/override.yml",
    ] {
        std::fs::write(target.home().join("compose").join(file), "x").unwrap();
    }
    // An older release that is live again stays with the newest.
    run(&target, "20260301-000000");
    let expected = [
        "compose/api",
        "compose/api/.env.production",
        "compose/api/override.yml",
        "compose/api/releases",
        "compose/api/releases/20260301-000000",
        "compose/api/releases/20260303-000000",
        "compose/docker-compose.api.yml",
        "compose/docker-compose.web.yml.before-40",
    ];
    assert_eq!(all(&target), expected);
}

#[test]
fn where_nothing_was_kept_nothing_is_done() {
    let target = LocalTarget::new();
    run(&target, "20260301-000000");
    assert_eq!(all(&target), [""; 0]);
}
