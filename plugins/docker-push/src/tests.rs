use super::DockerPush;
use serde_json::{Value, json};
use windlass_sdk::docker::{Reply, Request};
use windlass_sdk::testing::Harness;
use windlass_sdk::{Error, ErrorKind};

const IMAGE: &str = "registry.test:5000/shop:20260305-143022";

fn harness(config: Value) -> Harness {
    let mut harness = Harness::new().target("build-1").config(config);
    harness.on_docker(|request| match request {
        Request::Push { .. } => Ok(Reply::Text("sha256:ab".to_owned())),
        Request::Tag { .. } => Ok(Reply::Done),
        Request::Prune { .. } => Ok(Reply::Names(vec!["registry.test:5000/shop:1".to_owned()])),
        other => panic!("{other}"),
    });
    harness
}

#[test]
fn the_image_is_pushed_under_all_its_names_and_old_ones_go() {
    let mut harness = harness(json!({ "image": IMAGE, "tags": ["production"], "keep": 2 }));
    let outputs = harness.run::<DockerPush>().unwrap();
    assert_eq!(outputs, json!({ "image": IMAGE, "digest": "registry.test:5000/shop@sha256:ab" }));
    let calls = [
        format!("docker.push build-1: {IMAGE}"),
        format!("docker.tag build-1: {IMAGE} registry.test:5000/shop:production"),
        "docker.push build-1: registry.test:5000/shop:production".to_owned(),
        "docker.prune build-1: registry.test:5000/shop 2".to_owned(),
    ];
    assert_eq!(harness.calls(), calls);
}

#[test]
fn a_secret_goes_to_the_registry_by_name() {
    let config = json!({ "image": IMAGE, "username": "ada", "password": { "secret": "REGISTRY" } });
    let mut harness = Harness::new().target("build-1").config(config);
    harness.on_docker(|request| {
        let Request::Push { credentials: Some(credentials), .. } = request else { panic!("{request}") };
        assert_eq!(credentials.password.to_string(), "{{secret:REGISTRY}}");
        Ok(Reply::Text(String::new()))
    });
    assert_eq!(harness.run::<DockerPush>().unwrap()["digest"], "");
}

#[test]
fn a_password_without_a_username_makes_no_call() {
    let mut harness = harness(json!({ "image": IMAGE, "password": { "secret": "REGISTRY" } }));
    assert_eq!(harness.run::<DockerPush>().unwrap_err().kind, ErrorKind::InvalidInput);
    assert!(harness.calls().is_empty());
}

#[test]
fn a_refusal_is_passed_on_as_it_is() {
    let refused = Error::new(ErrorKind::Denied, "no").code("registry-denied");
    let mut harness = Harness::new().target("build-1").config(json!({ "image": IMAGE }));
    let answer = refused.clone();
    harness.on_docker(move |_| Err(answer.clone()));
    assert_eq!(harness.run::<DockerPush>().unwrap_err(), refused);
}
