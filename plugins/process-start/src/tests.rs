use super::ProcessStart;
use serde_json::{Value, json};
use windlass_sdk::ssh::Output;
use windlass_sdk::testing::{Call, Harness, LocalTarget};

mod systemd;

const INSTANCE: &str = "20260305-143022-d41";

/// Says what it was given, and stays until it is ended.
const APP: &str = "echo \"$GREETING|$PORT|$DATA_DIR|${V_GREETING-unset}\"; pwd; exec sleep 1000";

/// A target with an unpacked release. What was started ends with the test.
struct Machine {
    /// Programs that stand in for those of this machine.
    _programs: Option<tempfile::TempDir>,
    target: LocalTarget,
    harness: Harness,
}

impl Machine {
    fn new(config: Value) -> Self {
        Self::with_programs(None, config)
    }

    fn with_programs(programs: Option<tempfile::TempDir>, config: Value) -> Self {
        let path = std::env::var("PATH").unwrap();
        let path = programs.as_ref().map_or(path.clone(), |programs| format!("{}:{path}", programs.path().display()));
        let target = LocalTarget::with_path(path);
        std::fs::create_dir_all(target.home().join("shop/releases/20260305-143022")).unwrap();
        let mut with = json!({ "directory": "shop", "supervisor": "detached", "stop_seconds": 1 });
        with.as_object_mut().unwrap().extend(config.as_object().unwrap().clone());
        let mut harness = Harness::new().target("web-1").variable("GREETING", "it's\n\\n \"$HOME\"").config(with);
        target.serve(&mut harness, "/nonexistent");
        Self { _programs: programs, target, harness }
    }

    fn file(&self, kind: &str) -> Option<String> {
        std::fs::read_to_string(self.target.home().join(format!("shop/run/{INSTANCE}.{kind}"))).ok()
    }

    fn pid(&self) -> u32 {
        self.file("pid").unwrap().split(' ').next().unwrap().parse().unwrap()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.harness.undo::<ProcessStart>();
    }
}

/// Whether a process is there and is more than a zombie.
fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|fields| !fields.is_empty() && !fields.starts_with('Z'))
}

#[test]
fn the_app_runs_in_its_release_with_its_environment() {
    let mut machine = Machine::new(json!({ "command": APP, "ports": { "min": 21000, "max": 21100 } }));
    let outputs = machine.harness.run::<ProcessStart>().unwrap();
    let port = outputs["port"].as_u64().unwrap();
    assert!((21000..=21100).contains(&port));
    assert_eq!(outputs["supervisor"], "detached");
    assert_eq!(outputs["process"], format!("shop/run/{INSTANCE}.pid"));
    assert!(runs(machine.pid()));
    let home = machine.target.home().canonicalize().unwrap();
    let said = machine.file("log").unwrap();
    let shop = home.join("shop").display().to_string();
    let expected = format!("it's\n\\n \"$HOME\"|{port}|{shop}/data|unset\n{shop}/releases/20260305-143022\n");
    // dash's echo interprets `\n`.
    assert_eq!(said.replace("it's\n\n ", "it's\n\\n "), expected);
}

#[test]
fn its_environment_is_nobody_elses_to_read() {
    use std::os::unix::fs::PermissionsExt;
    let mut machine = Machine::new(json!({ "command": APP, "env": { "KEY": { "secret": "API_KEY" } } }));
    machine.harness.run::<ProcessStart>().unwrap();
    let path = machine.target.home().join(format!("shop/run/{INSTANCE}.env"));
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(machine.file("env").unwrap().contains("export KEY='<secret API_KEY>'\n"));
}

#[test]
fn an_instance_that_runs_is_found() {
    let mut machine = Machine::new(json!({ "command": APP }));
    let first = machine.harness.run::<ProcessStart>().unwrap();
    let pid = machine.pid();
    assert_eq!(machine.harness.run::<ProcessStart>().unwrap(), first);
    assert_eq!(machine.pid(), pid);
}

#[test]
fn an_app_that_ends_at_once_says_why() {
    let command = "echo 'KeyError: DATABASE_URL' >&2; exit 1";
    let mut machine = Machine::new(json!({ "command": command }));
    let error = machine.harness.run::<ProcessStart>().unwrap_err();
    assert_eq!(error.code, "app-ended");
    let expected = format!("`{command}` on web-1 ended as soon as it was started\napp: KeyError: DATABASE_URL");
    assert_eq!(error.message, expected);
    assert!(machine.file("sh").is_none());
}

#[test]
fn undo_ends_it_with_all_that_it_started() {
    let mut machine = Machine::new(json!({ "command": "sleep 1001 & trap '' TERM; echo $! >child; wait; sleep 1002" }));
    machine.harness.run::<ProcessStart>().unwrap();
    let child = machine.target.home().join("shop/releases/20260305-143022/child");
    let child: u32 = std::fs::read_to_string(child).unwrap().trim().parse().unwrap();
    let pid = machine.pid();
    assert!(runs(pid) && runs(child));
    machine.harness.undo::<ProcessStart>().unwrap();
    machine.harness.undo::<ProcessStart>().unwrap();
    assert!(!runs(pid) && !runs(child));
    for kind in ["pid", "port", "env", "sh"] {
        assert_eq!(machine.file(kind), None, "{kind}");
    }
    assert!(machine.file("log").is_some());
}

#[test]
fn a_process_that_only_has_the_same_number_is_not_the_app() {
    let mut machine = Machine::new(json!({ "command": APP }));
    machine.harness.run::<ProcessStart>().unwrap();
    let pid = machine.pid();
    let path = machine.target.home().join(format!("shop/run/{INSTANCE}.pid"));
    let ours = std::fs::read_to_string(&path).unwrap();
    for stranger in [format!("{pid} 1 {}", ours.split(' ').nth(2).unwrap()), ours.replace('-', "0")] {
        std::fs::write(&path, stranger).unwrap();
        machine.harness.undo::<ProcessStart>().unwrap();
        assert!(runs(pid), "a stranger was ended");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    }
    std::fs::write(&path, ours).unwrap();
    machine.harness.undo::<ProcessStart>().unwrap();
    assert!(!runs(pid));
}

#[test]
fn a_port_in_use_is_not_taken() {
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    let mut machine = Machine::new(json!({ "command": APP, "ports": { "min": port, "max": port } }));
    let error = machine.harness.run::<ProcessStart>().unwrap_err();
    assert!(error.message.contains(&format!("every port from {port} to {port} is taken")), "{error}");
}

#[test]
fn a_plan_makes_the_same_call_and_assumes_the_first_port() {
    let mut harness = Harness::new().target("web-1").config(json!({ "directory": "shop", "command": "./app" }));
    assert_eq!(harness.plan::<ProcessStart>().unwrap()["port"], 20_000);
    let [Call::Exec(request)] = harness.effects() else { panic!("{:?}", harness.calls()) };
    assert_eq!(request.assume, Some(Output::ok("port=20000\nsupervisor=auto")));
}

#[test]
fn a_config_that_cannot_work_is_refused() {
    let refused =
        |config: Value| Harness::new().target("web-1").config(config).run::<ProcessStart>().unwrap_err().message;
    assert_eq!(refused(json!({ "directory": "shop", "command": " " })), "`command` is empty");
    let ports = json!({ "directory": "shop", "command": "./app", "ports": { "min": 2, "max": 1 } });
    assert_eq!(refused(ports), "`ports` is an empty range: 2 to 1");
}
