mod publish;

use super::DockerRun;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use windlass_sdk::docker::{Container, Reply, Request};
use windlass_sdk::testing::{Call, Harness};
use windlass_sdk::{Error, Result};

/// The containers of an engine by name; it knows what the plugin asks for.
#[derive(Clone, Default)]
struct Containers(Rc<RefCell<BTreeMap<String, Container>>>);

impl Containers {
    fn with(name: &str, id: &str) -> Self {
        let containers = Self::default();
        containers.put(name, id, "running");
        containers
    }

    fn put(&self, name: &str, id: &str, state: &str) {
        let (id, state) = (id.to_owned(), state.to_owned());
        self.0
            .borrow_mut()
            .insert(name.to_owned(), Container { id, name: name.to_owned(), state, ..Default::default() });
    }

    fn key(&self, name: &str) -> Option<String> {
        let containers = self.0.borrow();
        containers.iter().find(|(key, container)| *key == name || container.id == name).map(|(key, _)| key.clone())
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Container)) -> Result<Reply> {
        let key = self.key(name).ok_or_else(|| Error::not_found(name.to_owned()))?;
        change(self.0.borrow_mut().get_mut(&key).expect("it was found"));
        Ok(Reply::Done)
    }

    fn answer(&self, request: &Request, fails: bool) -> Result<Reply> {
        match request {
            Request::Inspect { container, .. } => {
                let found = self.key(container).map(|key| Box::new(self.0.borrow()[&key].clone()));
                Ok(Reply::MaybeContainer(found))
            }
            Request::Remove { container, .. } => {
                Ok(Reply::Flag(self.key(container).is_some_and(|key| self.0.borrow_mut().remove(&key).is_some())))
            }
            Request::Stop { container, .. } => {
                self.change(container, |container| container.state = "exited".to_owned())
            }
            Request::Rename { container, name, .. } => {
                assert!(self.key(name).is_none(), "{name} is taken");
                let key = self.key(container).ok_or_else(|| Error::not_found(container.clone()))?;
                let renamed = self.0.borrow_mut().remove(&key).expect("it was found");
                self.0.borrow_mut().insert(name.clone(), Container { name: name.clone(), ..renamed });
                Ok(Reply::Done)
            }
            Request::Create { spec, .. } => {
                assert!(self.key(&spec.name).is_none(), "{} is taken", spec.name);
                self.put(&spec.name, "new", "created");
                Ok(Reply::Text("new".to_owned()))
            }
            Request::Start { container, .. } if fails && self.key(container).as_deref() == Some("shop") => {
                Err(Error::failed("KeyError: DATABASE_URL").code("container-exited"))
            }
            Request::Start { container, .. } => {
                self.change(container, |container| container.state = "running".to_owned())
            }
            other => panic!("{other}"),
        }
    }

    /// Names, ids and states.
    fn list(&self) -> Vec<String> {
        let containers = self.0.borrow();
        containers.values().map(|one| format!("{} {} {}", one.name, one.id, one.state)).collect()
    }

    fn harness(&self, fails: bool) -> Harness {
        let mut harness = Harness::new().target("web-1").config(json!({ "name": "shop", "image": "shop:2" }));
        self.serve(&mut harness, fails);
        harness
    }

    fn serve(&self, harness: &mut Harness, fails: bool) {
        let containers = self.clone();
        harness.on_docker(move |request| containers.answer(request, fails));
    }
}

#[test]
fn the_first_container_is_created_and_started() {
    let containers = Containers::default();
    let mut harness = containers.harness(false);
    let outputs = harness.run::<DockerRun>().unwrap();
    assert_eq!(outputs, json!({ "container": "shop", "id": "new", "image": "shop:2", "port": null }));
    assert_eq!(containers.list(), ["shop new running"]);
}

#[test]
fn the_old_one_is_put_aside_and_undo_brings_it_back() {
    let containers = Containers::with("shop", "old");
    containers.put("shop-previous", "older", "exited");
    let mut harness = containers.harness(false);
    harness.run::<DockerRun>().unwrap();
    assert_eq!(containers.list(), ["shop new running", "shop-previous old exited"]);
    for _ in 0..2 {
        harness.undo::<DockerRun>().unwrap();
        assert_eq!(containers.list(), ["shop old running"]);
    }
}

#[test]
fn a_container_that_fails_is_undone_to_the_old_one() {
    let containers = Containers::with("shop", "old");
    let mut harness = containers.harness(true);
    assert_eq!(harness.run::<DockerRun>().unwrap_err().code, "container-exited");
    containers.serve(&mut harness, false);
    harness.undo::<DockerRun>().unwrap();
    assert_eq!(containers.list(), ["shop old running"]);
}

#[test]
fn a_second_attempt_keeps_the_old_one_for_undo() {
    let containers = Containers::with("shop", "old");
    let mut harness = containers.harness(true);
    harness.run::<DockerRun>().unwrap_err();
    containers.serve(&mut harness, false);
    harness.run::<DockerRun>().unwrap();
    assert_eq!(containers.list(), ["shop new running", "shop-previous old exited"]);
    harness.undo::<DockerRun>().unwrap();
    assert_eq!(containers.list(), ["shop old running"]);
}

#[test]
fn undo_of_the_first_deployment_leaves_nothing() {
    let containers = Containers::default();
    let mut harness = containers.harness(false);
    harness.run::<DockerRun>().unwrap();
    harness.undo::<DockerRun>().unwrap();
    assert_eq!(containers.list(), Vec::<String>::new());
}

#[test]
fn undo_of_a_run_that_came_to_nothing_makes_no_call() {
    let mut harness = Containers::with("shop", "old").harness(false);
    harness.undo::<DockerRun>().unwrap();
    assert!(harness.calls().is_empty());
}

#[test]
fn what_was_there_is_stored_before_it_is_changed() {
    let mut harness = Containers::with("shop", "old").harness(false);
    harness.run::<DockerRun>().unwrap();
    let calls = [
        "docker.inspect web-1: shop",
        r#"control.checkpoint {"old":["old",true]}"#,
        "docker.remove web-1: shop-previous",
        "docker.stop web-1: old",
        "docker.rename web-1: old shop-previous",
        "docker.create web-1: shop shop:2",
        "docker.start web-1: shop",
    ];
    assert_eq!(harness.calls(), calls);
}

#[test]
fn a_plan_makes_the_same_calls() {
    let mut planned = Containers::with("shop", "old").harness(false);
    planned.plan::<DockerRun>().unwrap();
    let mut performed = Containers::with("shop", "old").harness(false);
    performed.run::<DockerRun>().unwrap();
    assert_eq!(planned.calls(), performed.calls());
}

/// The document that goes to the host.
fn spec(config: Value) -> Value {
    let mut harness = Harness::new().target("web-1").config(config).variable("LOG", "info").variable("PORT", "1");
    Containers::default().serve(&mut harness, false);
    harness.run::<DockerRun>().unwrap();
    let specs = harness.effects().iter().find_map(|call| match call {
        Call::Docker(Request::Create { spec, .. }) => Some(serde_json::to_value(spec).unwrap()),
        _ => None,
    });
    specs.unwrap()
}

#[test]
fn all_that_is_configured_is_in_the_spec() {
    let config = json!({
        "name": "shop", "image": "shop:2", "env": { "PORT": 3000, "KEY": { "secret": "API_KEY" } },
        "labels": { "team": "web" }, "ports": [{ "container": 3000, "host": 80, "protocol": "udp" }],
        "mounts": [{ "bind": "/srv/shop/data", "target": "/data" }, { "volume": "v", "target": "/v", "read_only": true },
                   { "tmpfs": "1m", "target": "/tmp" }],
        "networks": [{ "name": "front", "aliases": ["app"] }], "limits": { "memory_bytes": 1024, "cpus": 0.5, "pids": 9 },
        "restart": { "policy": "on-failure", "max_retries": 2 }, "health": { "command": ["CMD", "ok"], "retries": 3 },
        "command": ["serve"], "entrypoint": ["/app"], "user": "1000", "directory": "/app", "runtime": "runc",
        "privileged": true, "read_only": true, "init": true, "stop_seconds": 5
    });
    let expected = json!({
        "spec": 1, "name": "shop", "image": "shop:2",
        "env": { "LOG": [{ "text": "info" }], "PORT": [{ "text": "3000" }], "KEY": [{ "secret": "API_KEY" }] },
        "labels": { "team": "web", "windlass.project": "shop", "windlass.environment": "production",
                    "windlass.release": "20260305-143022", "windlass.deployment": "41" },
        "ports": [{ "container": 3000, "host": 80, "protocol": "udp" }],
        "mounts": [{ "bind": "/srv/shop/data", "target": "/data", "read_only": false },
                   { "volume": "v", "target": "/v", "read_only": true }, { "tmpfs": "1m", "target": "/tmp" }],
        "networks": [{ "name": "front", "aliases": ["app"] }], "limits": { "memory_bytes": 1024, "cpus": 0.5, "pids": 9 },
        "log": { "max_size": "10m", "max_files": 3 }, "restart": { "policy": "on-failure", "max_retries": 2 },
        "health": { "command": ["CMD", "ok"], "retries": 3 }, "command": ["serve"], "entrypoint": ["/app"],
        "user": "1000", "cwd": "/app", "runtime": "runc", "privileged": true, "read_only": true, "init": true,
        "stop_grace_ms": 5000
    });
    assert_eq!(spec(config), expected);
}

#[test]
fn a_misspelled_mount_is_refused() {
    let config =
        json!({ "name": "shop", "image": "shop:2", "mounts": [{ "bind": "/a", "target": "/b", "mode": "ro" }] });
    let mut harness = Harness::new().target("web-1").config(config);
    let error = harness.run::<DockerRun>().unwrap_err();
    assert!(error.message.contains("mounts"), "{error}");
}
