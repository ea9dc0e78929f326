use super::DockerPull;
use serde_json::{Value, json};
use windlass_sdk::docker::{Image, Reply, Request};
use windlass_sdk::testing::Harness;
use windlass_sdk::{Error, ErrorKind};

const NAME: &str = "localhost:5000/shop:1.2";

fn harness(config: Value) -> Harness {
    let mut harness = Harness::new().target("web-1").config(config);
    harness.on_docker(|request| match request {
        Request::Pull { image, .. } => Ok(Reply::Image(Image {
            id: "sha256:0123456789abcdef".to_owned(),
            tags: vec![image.clone()],
            digests: vec!["other/shop@sha256:ff".to_owned(), "localhost:5000/shop@sha256:ab".to_owned()],
            size: 5_300_000,
        })),
        Request::Prune { .. } => Ok(Reply::Names(vec!["localhost:5000/shop:1.0".to_owned()])),
        other => panic!("{other}"),
    });
    harness
}

#[test]
fn the_image_is_pulled_and_named() {
    let mut harness = harness(json!({ "image": NAME }));
    let outputs = harness.run::<DockerPull>().unwrap();
    let digest = "localhost:5000/shop@sha256:ab";
    assert_eq!(outputs, json!({ "image": NAME, "id": "sha256:0123456789abcdef", "digest": digest }));
    assert_eq!(harness.calls(), [format!("docker.pull web-1: {NAME}")]);
    assert_eq!(harness.log()[0].1, format!("{NAME} is 0123456789ab (5.3 MB)"));
}

#[test]
fn a_secret_goes_to_the_registry_by_name() {
    let config = json!({ "image": NAME, "username": "ada", "password": { "secret": "REGISTRY" } });
    let mut harness = Harness::new().target("web-1").config(config);
    harness.on_docker(|request| {
        let Request::Pull { credentials: Some(credentials), .. } = request else { panic!("{request}") };
        assert_eq!(credentials.username.to_string(), "ada");
        assert_eq!(credentials.password.to_string(), "{{secret:REGISTRY}}");
        Ok(Reply::Image(Image::default()))
    });
    harness.run::<DockerPull>().unwrap();
}

#[test]
fn old_images_of_the_repository_go() {
    let mut harness = harness(json!({ "image": NAME, "keep": 3 }));
    harness.run::<DockerPull>().unwrap();
    assert_eq!(harness.calls()[1], "docker.prune web-1: localhost:5000/shop 3");
    assert_eq!(harness.log()[1].1, "removed localhost:5000/shop:1.0");
}

#[test]
fn a_username_without_a_password_is_refused() {
    let error = harness(json!({ "image": NAME, "username": "ada" })).run::<DockerPull>().unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidInput);
    assert_eq!(error.message, "a registry wants a username and a password, and one of them is missing");
}

#[test]
fn a_plan_makes_the_same_calls() {
    let mut planned = harness(json!({ "image": NAME, "keep": 3 }));
    planned.plan::<DockerPull>().unwrap();
    let mut performed = harness(json!({ "image": NAME, "keep": 3 }));
    performed.run::<DockerPull>().unwrap();
    assert_eq!(planned.calls(), performed.calls());
}

#[test]
fn a_refusal_is_passed_on_as_it_is() {
    let refused = Error::new(ErrorKind::Denied, "no").code("registry-denied");
    let mut harness = Harness::new().target("web-1").config(json!({ "image": NAME }));
    let answer = refused.clone();
    harness.on_docker(move |_| Err(answer.clone()));
    assert_eq!(harness.run::<DockerPull>().unwrap_err(), refused);
}
