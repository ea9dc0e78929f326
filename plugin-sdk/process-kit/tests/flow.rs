//! Whole deployments of an app through the plugins of the template `process`, on this machine: real
//! scripts, real processes. Health is left out: it is the host's to probe.

use serde_json::{Value, json};
use std::path::Path;
use windlass_plugin_process_finish::ProcessFinish;
use windlass_plugin_process_retire::ProcessRetire;
use windlass_plugin_process_start::ProcessStart;
use windlass_plugin_process_stop::ProcessStop;
use windlass_plugin_release_upload::ReleaseUpload;
use windlass_plugin_route::Route;
use windlass_sdk::Stage;
use windlass_sdk::testing::{Harness, LocalTarget};

/// A machine that apps are deployed to.
struct Machine {
    target: LocalTarget,
    artifact: tempfile::TempDir,
    live: Option<String>,
}

/// A deployment to the machine.
struct Deployment<'m> {
    machine: &'m Machine,
    label: String,
    number: u64,
}

impl Machine {
    fn new() -> Self {
        Self { target: LocalTarget::new(), artifact: tempfile::tempdir().unwrap(), live: None }
    }

    fn deployment(&self, label: &str, number: u64) -> Deployment<'_> {
        Deployment { machine: self, label: label.to_owned(), number }
    }

    fn path(&self, below: &str) -> std::path::PathBuf {
        self.target.home().join("shop").join(below)
    }

    /// The instances whose process is there.
    fn running(&self) -> Vec<String> {
        let mut names: Vec<_> =
            std::fs::read_dir(self.path("run")).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.retain(|path| path.extension().is_some_and(|kind| kind == "pid") && lives(path));
        let mut names: Vec<_> = names.iter().map(|path| path.file_stem().unwrap().display().to_string()).collect();
        names.sort();
        names
    }

    fn upstream(&self) -> String {
        std::fs::read_to_string(self.path("upstream")).unwrap()
    }
}

fn pid(file: &Path) -> Option<String> {
    Some(std::fs::read_to_string(file).ok()?.split(' ').next()?.to_owned())
}

fn lives(file: &Path) -> bool {
    let stat = pid(file).and_then(|pid| std::fs::read_to_string(format!("/proc/{pid}/stat")).ok());
    stat.is_some_and(|stat| !stat.contains(") Z "))
}

impl Drop for Machine {
    fn drop(&mut self) {
        for file in std::fs::read_dir(self.path("run")).into_iter().flatten().flatten() {
            if let Some(pid) = pid(&file.path()).filter(|_| file.path().extension().is_some_and(|kind| kind == "pid")) {
                // The shell's own `kill`: programs of that name differ in how they name a group.
                let _ = std::process::Command::new("sh").args(["-c", "kill -KILL \"-$0\"", &pid]).status();
            }
        }
    }
}

impl Deployment<'_> {
    fn harness(&self, config: Value) -> Harness {
        let mut with = json!({ "directory": "shop" });
        with.as_object_mut().unwrap().extend(config.as_object().unwrap().clone());
        let mut harness = Harness::new().target("web-1").artifact("app", "sha256:00").release(&self.label, self.number);
        if let Some(label) = &self.machine.live {
            harness = harness.previous_release(label);
        }
        let mut harness = harness.config(with);
        self.machine.target.serve(&mut harness, self.machine.artifact.path());
        harness
    }

    fn start(&self) -> (Harness, u64) {
        let mut harness =
            self.harness(json!({ "command": "exec sleep 1000", "supervisor": "detached", "stop_seconds": 2 }));
        let outputs = harness.run::<ProcessStart>().unwrap();
        (harness, outputs["port"].as_u64().unwrap())
    }

    fn route(&self, port: u64) -> Harness {
        let mut harness =
            Harness::new().target("web-1").config(json!({ "upstream_file": "shop/upstream", "port": port }));
        self.machine.target.serve(&mut harness, "/nonexistent");
        harness.run::<Route>().unwrap();
        harness
    }

    fn run<S: Stage>(&self, config: Value) -> (Harness, Value) {
        let mut harness = self.harness(config);
        let outputs = harness.run::<S>().unwrap();
        (harness, outputs)
    }

    /// Upload, start, route, finish; answers what finishing said, and the port.
    fn deploy(&self) -> (Value, u64) {
        let _ = self.run::<ReleaseUpload>(json!({}));
        let (_, port) = self.start();
        let _ = self.route(port);
        let _ = self.run::<ProcessFinish>(json!({}));
        (self.run::<ProcessRetire>(json!({ "drain_seconds": 0, "stop_seconds": 2 })).1, port)
    }
}

#[test]
fn a_deployment_replaces_the_one_before() {
    let mut machine = Machine::new();
    let (first, _) = machine.deployment("20260301-000000", 1).deploy();
    assert_eq!(first["stopped"], json!([]));
    machine.live = Some("20260301-000000".into());

    let (second, port) = machine.deployment("20260302-000000", 2).deploy();
    assert_eq!(second["stopped"], json!(["20260301-000000-d1"]));
    assert_eq!(machine.running(), ["20260302-000000-d2"]);
    assert_eq!(machine.upstream(), format!("127.0.0.1:{port}"));
    assert!(!machine.path("run/20260301-000000-d1.sh").exists());
}

#[test]
fn a_rollback_and_the_same_release_again_start_instances_of_their_own() {
    let mut machine = Machine::new();
    machine.deployment("20260301-000000", 1).deploy();
    machine.deployment("20260302-000000", 2).deploy();
    machine.live = Some("20260302-000000".into());

    machine.deployment("20260301-000000", 3).deploy();
    assert_eq!(machine.running(), ["20260301-000000-d3"]);
    machine.live = Some("20260301-000000".into());

    let (again, _) = machine.deployment("20260301-000000", 4).deploy();
    assert_eq!(again["stopped"], json!(["20260301-000000-d3"]));
    assert_eq!(machine.running(), ["20260301-000000-d4"]);
    assert_eq!(std::fs::read_link(machine.path("current")).unwrap(), Path::new("releases/20260301-000000"));
}

#[test]
fn a_failed_deployment_leaves_the_old_one_as_it_was() {
    let mut machine = Machine::new();
    let (_, old_port) = machine.deployment("20260301-000000", 1).deploy();
    machine.live = Some("20260301-000000".into());

    let failing = machine.deployment("20260302-000000", 2);
    let (mut upload, _) = failing.run::<ReleaseUpload>(json!({}));
    let (mut start, port) = failing.start();
    assert_ne!(port, old_port);
    let mut route = failing.route(port);
    assert_eq!(machine.running(), ["20260301-000000-d1", "20260302-000000-d2"]);

    route.undo::<Route>().unwrap();
    start.undo::<ProcessStart>().unwrap();
    upload.undo::<ReleaseUpload>().unwrap();
    assert_eq!(machine.running(), ["20260301-000000-d1"]);
    assert_eq!(machine.upstream(), format!("127.0.0.1:{old_port}"));
    assert!(machine.path("releases/20260301-000000").exists() && !machine.path("releases/20260302-000000").exists());
}

#[test]
fn sequentially_the_old_one_stops_first_and_undo_starts_it_as_it_was() {
    let machine = Machine::new();
    machine.deployment("20260301-000000", 1).deploy();
    let environment = std::fs::read_to_string(machine.path("run/20260301-000000-d1.env")).unwrap();

    let failing = machine.deployment("20260302-000000", 2);
    let (mut stop, stopped) = failing.run::<ProcessStop>(json!({ "stop_seconds": 2 }));
    assert_eq!(stopped, json!({ "stopped": ["20260301-000000-d1"] }));
    assert!(machine.running().is_empty());

    stop.undo::<ProcessStop>().unwrap();
    stop.undo::<ProcessStop>().unwrap();
    assert_eq!(machine.running(), ["20260301-000000-d1"]);
    assert_eq!(std::fs::read_to_string(machine.path("run/20260301-000000-d1.env")).unwrap(), environment);
}

#[test]
fn an_instance_that_died_is_cleared_away() {
    let mut machine = Machine::new();
    machine.deployment("20260301-000000", 1).deploy();
    machine.live = Some("20260301-000000".into());
    let pid = pid(&machine.path("run/20260301-000000-d1.pid")).unwrap();
    assert!(std::process::Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());

    let (finish, _) = machine.deployment("20260302-000000", 2).deploy();
    assert_eq!(finish["stopped"], json!([]));
    assert!(!machine.path("run/20260301-000000-d1.sh").exists());
}

#[test]
fn a_plan_makes_the_calls_of_the_deployment_and_changes_nothing() {
    fn planned<S: Stage>(deployment: &Deployment<'_>, config: &Value) -> Vec<String> {
        let mut harness = deployment.harness(config.clone());
        harness.plan::<S>().unwrap();
        harness.calls()
    }
    fn performed<S: Stage>(deployment: &Deployment<'_>, config: &Value) -> Vec<String> {
        deployment.run::<S>(config.clone()).0.calls()
    }
    let machine = Machine::new();
    let deployment = machine.deployment("20260301-000000", 1);
    let start = json!({ "command": "exec sleep 1000", "supervisor": "detached" });
    let plans = [
        planned::<ReleaseUpload>(&deployment, &json!({})),
        planned::<ProcessStop>(&deployment, &json!({})),
        planned::<ProcessStart>(&deployment, &start),
        planned::<ProcessFinish>(&deployment, &json!({})),
        planned::<ProcessRetire>(&deployment, &json!({})),
    ];
    assert_eq!(std::fs::read_dir(machine.target.home()).unwrap().count(), 0);
    let deployments = [
        performed::<ReleaseUpload>(&deployment, &json!({})),
        performed::<ProcessStop>(&deployment, &json!({})),
        performed::<ProcessStart>(&deployment, &start),
        performed::<ProcessFinish>(&deployment, &json!({})),
        performed::<ProcessRetire>(&deployment, &json!({})),
    ];
    // What is stored of a stage is what it found; on an empty machine that is the same.
    assert_eq!(plans, deployments);
}
