use super::ComposeUp;
use serde_json::{Value, json};
use windlass_sdk::files::Unpacked;
use windlass_sdk::ssh::{Output, Program, Request};
use windlass_sdk::testing::{Call, Harness};
use windlass_sdk::{Error, Result};

const LOOK: &str = "the look at Docker Compose";

/// What a script is called.
fn title(request: &Request) -> &str {
    match &request.program {
        Program::Script(script) => script.lines().next().unwrap_or_default().trim_start_matches("# "),
        Program::Argv(argv) => panic!("{argv:?}"),
    }
}

/// The calls, scripts by what they are called.
fn calls(harness: &Harness) -> Vec<String> {
    let call = |call: &Call| match call {
        Call::Exec(request) => title(request).to_owned(),
        other => other.to_string(),
    };
    harness.effects().iter().map(call).collect()
}

fn env(request: &Request, name: &str) -> Option<String> {
    request.env.iter().find(|(found, _)| found == name).map(|(_, value)| value.to_string())
}

/// A target that answers its scripts as all is well, but for one.
fn harness(with: Value, title_of: &'static str, answer: impl Fn() -> Output + 'static) -> Harness {
    let mut config = json!({ "service": "api", "directory": "/opt/docker/compose" });
    config.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    let mut harness = Harness::new().target("web-1").config(config);
    harness.on_exec(move |request| {
        Ok(match title(request) {
            title if title == title_of => answer(),
            LOOK => Output::ok("compose=2.26.1\nengine=20.10\n"),
            "the script that keeps the compose file from before" => Output::ok("now=2026-03-05T14:30:00Z\n"),
            "the check of the compose file" => Output::ok("from=docker-compose.api.yml\n"),
            "the look at what runs" => {
                Output::ok("now=2026-03-05T14:30:05Z\ncontainer=/api-api-1\nport=api 8000/tcp 8080\n")
            }
            _ => Output::ok(""),
        })
    });
    harness.on_write(|_| Ok(()));
    harness.on_unpack(|_| Ok(Unpacked { sent_bytes: 1 }));
    harness
}

fn well(with: Value) -> Harness {
    harness(with, "", || Output::ok(""))
}

fn error(title: &'static str, status: u32, said: &'static str) -> Error {
    harness(json!({ "check": "http" }), title, move || Output::failed(status, said)).run::<ComposeUp>().unwrap_err()
}

#[test]
fn the_outputs_say_what_runs_and_where_its_log_is() {
    let outputs = well(json!({})).run::<ComposeUp>().unwrap();
    let logs = ["docker", "compose", "-p", "api", "logs", "--no-color"];
    let follow = [&logs[..], &["--follow", "--since", "2026-03-05T14:30:05Z"]].concat();
    let tail = [&logs[..], &["--tail", "20"]].concat();
    let expected = json!({
        "project_name": "api", "file": "/opt/docker/compose/docker-compose.api.yml",
        "env_file": "/opt/docker/compose/api/.env.production", "port": 8080, "containers": ["api-api-1"],
        "follow": follow,
        "tail": tail
    });
    assert_eq!(outputs, expected);
}

#[test]
fn what_is_there_is_stored_before_anything_is_changed() {
    let look = || Output::ok("file=there\nowner=shop/production\nimage=api:1 sha256:1\n");
    let mut harness = harness(json!({}), LOOK, look);
    harness.run::<ComposeUp>().unwrap();
    let before = r#"control.checkpoint {"env_file":false,"file":true,"images":["api:1 sha256:1"],"changed":false}"#;
    let expected = [
        LOOK,
        "the look at the .env file",
        before,
        "the script that keeps the compose file from before",
        "the script that keeps the .env file from before",
        "files.write web-1: /opt/docker/compose/api/.env.production",
        "the check of the compose file",
        "docker compose -p api pull",
        &before.replace("\"changed\":false", "\"changed\":true"),
        "docker compose -p api up",
        "the look at the containers",
        "the look at what runs",
    ];
    assert_eq!(calls(&harness), expected);
}

#[test]
fn a_plan_makes_the_same_calls() {
    let (mut planned, mut performed) = (well(json!({ "check": "http" })), well(json!({ "check": "http" })));
    planned.plan::<ComposeUp>().unwrap();
    performed.run::<ComposeUp>().unwrap();
    assert_eq!(planned.calls(), performed.calls());
}

#[test]
fn undo_brings_back_the_images_that_ran() {
    let look = || Output::ok("file=there\nimage=api:latest sha256:1\nimage=db:1 sha256:2\n");
    let mut harness = harness(json!({}), LOOK, look);
    harness.run::<ComposeUp>().unwrap();
    harness.forget();
    harness.on_exec(|request| {
        match title(request) {
            "the script that brings back what ran before" => {
                assert_eq!(env(request, "W_IMAGES").unwrap(), "api:latest sha256:1\ndb:1 sha256:2");
                assert_eq!(
                    (env(request, "W_UP").unwrap(), env(request, "W_THERE").unwrap()),
                    ("yes".into(), "yes".into())
                );
            }
            title => assert_eq!(title, "the script that restores the .env file"),
        }
        Ok(Output::ok(""))
    });
    harness.undo::<ComposeUp>().unwrap();
    assert_eq!(harness.calls().len(), 2, "{:?}", harness.calls());
}

#[test]
fn undo_of_the_first_deployment_takes_it_down() {
    let mut harness = well(json!({}));
    harness.run::<ComposeUp>().unwrap();
    harness.forget();
    harness.undo::<ComposeUp>().unwrap();
    let expected = [
        "docker compose -p api down",
        "the script that restores the .env file",
        "the script that brings back what ran before",
    ];
    assert_eq!(calls(&harness), expected);
}

#[test]
fn undo_where_no_container_was_changed_starts_none() {
    let mut harness = harness(json!({}), "the check of the compose file", || Output::failed(87, "bad"));
    harness.run::<ComposeUp>().unwrap_err();
    harness.on_exec(|request| {
        assert_ne!(env(request, "W_UP").as_deref(), Some("yes"));
        assert!(!title(request).contains("down"));
        Ok(Output::ok(""))
    });
    harness.undo::<ComposeUp>().unwrap();
}

#[test]
fn undo_of_a_run_that_came_to_nothing_makes_no_call() {
    let mut harness = well(json!({}));
    harness.undo::<ComposeUp>().unwrap();
    assert!(harness.calls().is_empty());
}

#[test]
fn a_service_of_another_environment_or_place_is_left_alone() {
    let look =
        |said: &'static str| -> Result<Value> { harness(json!({}), LOOK, move || Output::ok(said)).run::<ComposeUp>() };
    assert_eq!(look("owner=shop/qa\n").unwrap_err().code, "service-owned");
    assert_eq!(look("elsewhere=/home/ada/compose.yml\n").unwrap_err().code, "project-taken");
}

#[test]
fn the_port_is_that_of_the_service() {
    let port = |with: Value, said: &'static str| {
        harness(with, "the look at what runs", move || Output::ok(said))
            .run::<ComposeUp>()
            .map(|outputs| outputs["port"].clone())
    };
    let said = "port=db 5432/tcp 5432\nport=api 9000/udp 1000\nport=api 8000/tcp 8081\nport=api 8000/tcp 8080\n";
    assert_eq!(port(json!({}), said).unwrap(), 8080);
    assert_eq!(port(json!({ "container": "db" }), said).unwrap(), 5432);
    assert_eq!(port(json!({ "port": 9 }), said).unwrap(), 9);
    assert_eq!(port(json!({ "container": "web" }), "port=api 80/tcp 8080\n").unwrap(), 8080);
    assert_eq!(port(json!({}), "").unwrap(), Value::Null);
    assert_eq!(port(json!({ "check": "http" }), "").unwrap_err().code, "no-port");
}

#[test]
fn each_failure_has_a_code() {
    let pull = "docker compose -p api pull";
    let up = "docker compose -p api up";
    let cases = [
        (LOOK, 81, "", "docker-not-installed"),
        (LOOK, 82, "docker: 'compose' is not a docker command.", "compose-not-installed"),
        (LOOK, 83, "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", "docker-not-running"),
        (LOOK, 83, "permission denied while trying to connect to the Docker daemon socket", "docker-socket-denied"),
        ("the script that keeps the compose file from before", 84, "mkdir: cannot create", "no-directory"),
        ("the check of the compose file", 85, "a.txt\nb.txt", "compose-file-missing"),
        ("the check of the compose file", 86, "", "compose-file-missing"),
        ("the check of the compose file", 87, "services must be a mapping", "compose-file-invalid"),
        (pull, 1, "Error response from daemon: manifest for api:3 not found: manifest unknown", "no-such-image"),
        (pull, 1, "Error response from daemon: pull access denied for api", "registry-denied"),
        (pull, 1, "write /var/lib/docker/tmp: no space left on device", "no-space"),
        (pull, 1, "Get \"https://r/v2/\": dial tcp: lookup r: no such host", "registry-unreachable"),
        (up, 1, "Bind for 0.0.0.0:8080 failed: port is already allocated", "port-taken"),
        (up, 1, "The container name \"/api\" is already in use by container \"1\"", "name-taken"),
        (up, 1, "dependency failed to start: container api-db-1 is unhealthy", "unhealthy"),
        (up, 17, "failed to build", "exit-status"),
        (up, 84, "No space left on device", "no-directory"),
        ("the look at the containers", 88, "the container api-api-1 ended\nKeyError", "container-exited"),
        ("the look at the containers", 89, "", "no-containers"),
    ];
    for (title, status, said, code) in cases {
        let error = error(title, status, said);
        assert_eq!(error.code, code, "{error}");
        assert!(
            error.hint.is_some() || ["exit-status", "unhealthy", "registry-unreachable"].contains(&code),
            "{error}"
        );
    }
}

#[test]
fn a_path_is_no_name_of_a_file() {
    let error = well(json!({ "file": "a/b.yml" })).run::<ComposeUp>().unwrap_err();
    assert_eq!(error.message, "`file` is a name in the directory, and `a/b.yml` is a path");
}
