use super::DockerBuild;
use serde_json::{Value, json};
use windlass_sdk::docker::{BuildContext, BuildRequest, Image, Reply, Request};
use windlass_sdk::testing::{Call, Harness, LocalTarget};
use windlass_sdk::{DeploymentKind, Error, ErrorKind};

const IMAGE: &str = "registry.test:5000/shop:20260305-143022";

/// A machine with these sources.
fn machine(files: &[(&str, &str)]) -> LocalTarget {
    let target = LocalTarget::new();
    for (name, text) in files {
        let path = target.home().join("shop/source").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    target
}

fn harness(target: &LocalTarget, more: Value) -> Harness {
    let mut config = json!({ "directory": "shop/source", "image": IMAGE });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut harness = Harness::new().target("build-1").config(config).artifact("app", "sha256:00");
    target.serve(&mut harness, "/nonexistent");
    harness.on_docker(|request| match request {
        Request::Build(request) => {
            Ok(Reply::Image(Image { id: "sha256:ab".to_owned(), tags: request.tags.clone(), ..Image::default() }))
        }
        other => panic!("{other}"),
    });
    harness
}

fn build(harness: &Harness) -> &BuildRequest {
    let mut builds = harness.effects().iter().filter_map(|call| match call {
        Call::Docker(Request::Build(request)) => Some(request),
        _ => None,
    });
    builds.next().unwrap()
}

#[test]
fn a_dockerfile_of_the_apps_own_is_used() {
    let target = machine(&[("Dockerfile", "FROM x\n"), ("package.json", "{}")]);
    let mut harness = harness(&target, json!({ "args": { "VERSION": "1" }, "stage": "run" }));
    let outputs = harness.run::<DockerBuild>().unwrap();
    let expected = json!({ "image": IMAGE, "id": "sha256:ab", "detected": null, "dockerfile": null, "reused": false });
    assert_eq!(outputs, expected);
    let build = build(&harness);
    assert_eq!((build.dockerfile.as_deref(), build.stage.as_deref()), (Some("Dockerfile"), Some("run")));
    assert_eq!(build.context, BuildContext::Directory("shop/source".to_owned()));
    assert_eq!(build.args[0].0, "VERSION");
    assert!(build.labels.contains(&("windlass.release".to_owned(), "20260305-143022".to_owned())));
}

#[test]
fn without_one_it_says_what_it_found_and_writes_one() {
    let target = machine(&[("index.html", "<h1>Shoes</h1>"), ("node_modules/x/package.json", "{}")]);
    let mut harness = harness(&target, json!({}));
    let outputs = harness.run::<DockerBuild>().unwrap();
    assert_eq!(outputs["detected"], "a static site: index.html");
    assert_eq!(build(&harness).dockerfile.as_deref(), Some("Dockerfile.windlass"));
    let written = std::fs::read_to_string(target.home().join("shop/source/Dockerfile.windlass")).unwrap();
    assert_eq!(outputs["dockerfile"], json!(written));
    assert!(target.home().join("shop/source/.dockerignore").exists());
    let log: Vec<&str> = harness.log().iter().map(|(_, line)| line.as_str()).collect();
    assert!(log.contains(&"there is no Dockerfile; this is a static site: index.html"), "{log:?}");
    assert!(log.contains(&"  FROM busybox:1.37"), "{log:?}");
}

#[test]
fn the_texts_that_matter_are_read_and_the_bases_are_options() {
    let package = r#"{ "scripts": { "start": "node shop.js" } }"#;
    let target = machine(&[("package.json", package), ("package-lock.json", "{}"), (".dockerignore", "x\n")]);
    let mut harness = harness(&target, json!({ "bases": { "node": "node:24" } }));
    let outputs = harness.run::<DockerBuild>().unwrap();
    assert!(outputs["dockerfile"].as_str().unwrap().starts_with("FROM node:24 AS build\n"), "{outputs}");
    let ignored = std::fs::read_to_string(target.home().join("shop/source/.dockerignore")).unwrap();
    assert_eq!(ignored, "x\n");
}

#[test]
fn sources_of_no_known_kind_are_refused_before_anything_is_built() {
    let target = machine(&[("shop.c", "")]);
    let error = harness(&target, json!({})).run::<DockerBuild>().unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (ErrorKind::InvalidInput, "no-build-plan"));
    let said = "there is no Dockerfile, and nothing that says what the app is (there is: shop.c)";
    assert_eq!(error.message, said);
    let error = harness(&target, json!({ "detect": false })).run::<DockerBuild>().unwrap_err();
    assert_eq!(error.message, "there is no Dockerfile");
    let error = harness(&LocalTarget::new(), json!({})).run::<DockerBuild>().unwrap_err();
    assert_eq!(error.message, "there is no directory shop/source on build-1");
}

#[test]
fn an_artifact_is_built_from_where_it_is() {
    let mut harness = harness(&machine(&[]), json!({}));
    harness.context().config = json!({ "artifact": "app", "image": IMAGE });
    harness.run::<DockerBuild>().unwrap();
    assert_eq!(build(&harness).context, BuildContext::Artifact("sha256:00".to_owned()));
    harness.context().config = json!({ "image": IMAGE });
    let error = harness.run::<DockerBuild>().unwrap_err();
    assert_eq!(error.message, "the sources are either in a `directory` or in an `artifact`");
}

#[test]
fn a_rollback_uses_the_image_that_there_is() {
    for kind in [DeploymentKind::Rollback, DeploymentKind::Retry] {
        let mut harness = harness(&machine(&[]), json!({ "pushed": true }));
        harness.context().kind = kind;
        harness.on_docker(|request| match request {
            Request::ImageInspect { .. } => Ok(Reply::MaybeImage(None)),
            Request::Pull { .. } => Ok(Reply::Image(Image { id: "sha256:cd".to_owned(), ..Image::default() })),
            other => panic!("{other}"),
        });
        let outputs = harness.run::<DockerBuild>().unwrap();
        assert_eq!((&outputs["id"], &outputs["reused"]), (&json!("sha256:cd"), &json!(true)));
    }
}

#[test]
fn a_retry_builds_what_was_never_pushed() {
    let mut harness = harness(&machine(&[("Dockerfile", "")]), json!({ "pushed": true }));
    harness.context().kind = DeploymentKind::Retry;
    harness.on_docker(|request| match request {
        Request::ImageInspect { .. } => Ok(Reply::MaybeImage(None)),
        Request::Pull { .. } => Err(Error::not_found("no").code("no-such-image")),
        Request::Build(_) => Ok(Reply::Image(Image::default())),
        other => panic!("{other}"),
    });
    assert_eq!(harness.run::<DockerBuild>().unwrap()["reused"], false);
}

#[test]
fn a_plan_makes_the_calls_of_an_app_with_a_dockerfile() {
    let empty = machine(&[]);
    let mut planned = harness(&empty, json!({}));
    planned.plan::<DockerBuild>().unwrap();
    let mut performed = harness(&machine(&[("Dockerfile", "")]), json!({}));
    performed.run::<DockerBuild>().unwrap();
    assert_eq!(planned.calls(), performed.calls());
}
