use super::DockerRetire;
use serde_json::{Value, json};
use std::fs;
use windlass_sdk::docker::{Container, Reply, Request};
use windlass_sdk::testing::{Harness, LocalTarget};

/// Containers of deployments, by number and state.
fn harness(target: &LocalTarget, there: &[(u64, &str)], more: Value) -> Harness {
    let mut config = json!({ "labels": { "windlass.role": "app" }, "previews": "previews", "drain_seconds": 3 });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut harness = Harness::new().target("web-1").config(config);
    target.serve(&mut harness, "/nonexistent");
    let containers: Vec<_> = there
        .iter()
        .map(|(number, state)| Container {
            id: format!("id-{number}"),
            name: format!("shop-{number}"),
            state: (*state).to_owned(),
            labels: vec![("windlass.deployment".to_owned(), number.to_string())],
            ..Container::default()
        })
        .collect();
    harness.on_docker(move |request| match request {
        Request::List { labels, .. } => {
            let names: Vec<_> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let expected = [
                "windlass.project=shop",
                "windlass.environment=production",
                "windlass.deployment=",
                "windlass.role=app",
            ];
            assert_eq!(names, expected);
            Ok(Reply::Containers(containers.clone()))
        }
        Request::Stop { grace_ms: 10_000, .. } => Ok(Reply::Done),
        Request::Remove { force: false, .. } => Ok(Reply::Flag(true)),
        other => panic!("{other}"),
    });
    harness
}

#[test]
fn all_but_the_deployments_own_go_after_they_had_time_to_answer() {
    let mut harness = harness(&LocalTarget::new(), &[(9, "exited"), (40, "running"), (41, "running")], json!({}));
    let outputs = harness.run::<DockerRetire>().unwrap();
    assert_eq!(outputs, json!({ "removed": ["shop-40", "shop-9"], "kept": ["shop-41"] }));
    let calls = [
        "control.sleep 3000 ms",
        "docker.stop web-1: id-40",
        "docker.remove web-1: id-40",
        "docker.stop web-1: id-9",
        "docker.remove web-1: id-9",
    ];
    assert_eq!(harness.calls()[1..], calls);
}

#[test]
fn previews_that_are_kept_go_on_and_the_others_lose_their_route() {
    let target = LocalTarget::new();
    for name in ["shop-4", "shop-39", "shop-40", "shop-41"] {
        fs::create_dir_all(target.home().join(format!("previews/{name}.preview.test"))).unwrap();
    }
    let there = [(4, "running"), (38, "running"), (39, "exited"), (40, "running"), (41, "running")];
    let with = json!({ "keep": 3, "preview_domain": "preview.test" });
    let outputs = harness(&target, &there, with).run::<DockerRetire>().unwrap();
    assert_eq!(outputs, json!({ "removed": ["shop-39", "shop-4"], "kept": ["shop-41", "shop-40", "shop-38"] }));
    let mut left: Vec<_> =
        fs::read_dir(target.home().join("previews")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["shop-40.preview.test", "shop-41.preview.test"]);
}

#[test]
fn the_first_deployment_has_nothing_to_retire() {
    let mut harness = harness(&LocalTarget::new(), &[(41, "running")], json!({ "keep": 3 }));
    let outputs = harness.run::<DockerRetire>().unwrap();
    assert_eq!(outputs, json!({ "removed": [], "kept": ["shop-41"] }));
    assert_eq!(harness.calls().len(), 1);
}
