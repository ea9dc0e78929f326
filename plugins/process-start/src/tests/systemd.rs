//! With a stand-in for systemd: few machines that run tests let one install services.

use super::*;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

const UNIT: &str = "shop-production-20260305-143022-d41.service";

/// Starts what the unit file says in a process group of its own, and writes down how it was called.
const SYSTEMCTL: &str = r#"#!/bin/sh
echo "$*" >>"$HOME/systemctl.log"
[ "$1 $2" = "--user --no-ask-password" ] || exit 64
shift 2
case $1 in
  show-environment | daemon-reload | enable | disable) ;;
  start)
    command=$(sed -n 's/^ExecStart=//p' "$HOME/.config/systemd/user/$2")
    setsid sh -c "exec $command" >/dev/null 2>&1 </dev/null &
    echo $! >"$HOME/unit.pid"
    ;;
  stop) kill -TERM "-$(cat "$HOME/unit.pid")" ; rm "$HOME/unit.pid" ;;
  is-active) if [ -e "$HOME/unit.pid" ]; then echo active; else echo inactive; exit 3; fi ;;
  *) exit 64 ;;
esac
"#;

/// A machine where a user has a systemd, whose services outlive the login or do not.
fn machine(lingers: &str, supervisor: &str) -> Machine {
    let programs = tempfile::tempdir().unwrap();
    let program = |name: &str, script: &str| {
        let path = programs.path().join(name);
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    program("systemctl", SYSTEMCTL);
    program("id", "#!/bin/sh\nif [ \"$1\" = -u ]; then echo 4242; else echo nobody-4242; fi\n");
    program("loginctl", &format!("#!/bin/sh\necho {lingers}\n"));
    Machine::with_programs(Some(programs), json!({ "command": APP, "supervisor": supervisor }))
}

fn unit_file(machine: &Machine) -> PathBuf {
    machine.target.home().join(".config/systemd/user").join(UNIT)
}

#[test]
fn a_user_whose_services_stay_gets_a_unit() {
    let mut machine = machine("yes", "auto");
    let outputs = machine.harness.run::<ProcessStart>().unwrap();
    assert_eq!((&outputs["supervisor"], &outputs["process"]), (&json!("systemd"), &json!(UNIT)));
    assert_eq!(machine.harness.run::<ProcessStart>().unwrap(), outputs);

    let shop = machine.target.home().canonicalize().unwrap().join("shop");
    let unit = std::fs::read_to_string(unit_file(&machine)).unwrap();
    let expected = [
        "Description=shop production 20260305-143022 (Windlass)".to_owned(),
        format!("ExecStart=/bin/sh \"{}/run/{INSTANCE}.sh\"", shop.display()),
        "TimeoutStopSec=1".to_owned(),
        "WantedBy=default.target".to_owned(),
    ];
    for line in expected {
        assert!(unit.lines().any(|found| found == line), "no `{line}` in\n{unit}");
    }
    assert!(machine.file("log").unwrap().contains("it's"));
    assert_eq!(machine.file("pid"), None);
}

#[test]
fn undo_leaves_no_unit() {
    let mut machine = machine("yes", "systemd");
    machine.harness.run::<ProcessStart>().unwrap();
    let pid = std::fs::read_to_string(machine.target.home().join("unit.pid")).unwrap().trim().parse().unwrap();
    assert!(runs(pid));
    machine.harness.undo::<ProcessStart>().unwrap();
    assert!(!unit_file(&machine).exists());
    assert_eq!(machine.file("unit"), None);
    let calls = std::fs::read_to_string(machine.target.home().join("systemctl.log")).unwrap();
    let last: Vec<_> = calls.lines().rev().take(3).map(|call| call.replace("--user --no-ask-password ", "")).collect();
    assert_eq!(last, ["daemon-reload".to_owned(), format!("disable --quiet {UNIT}"), format!("stop {UNIT}")]);
}

#[test]
fn a_user_whose_services_would_end_is_told_what_to_do() {
    let mut machine = machine("no", "systemd");
    let error = machine.harness.run::<ProcessStart>().unwrap_err();
    assert!(error.message.contains("run `sudo loginctl enable-linger nobody-4242` once"), "{error}");
}

#[test]
fn without_one_it_runs_detached_and_warns() {
    let mut machine = machine("no", "auto");
    let outputs = machine.harness.run::<ProcessStart>().unwrap();
    assert_eq!(outputs["supervisor"], "detached");
    let (level, warning) = &machine.harness.log()[0];
    assert_eq!(*level, windlass_sdk::log::Level::Warning);
    assert!(warning.starts_with("no systemd for nobody-4242 here"), "{warning}");
    assert!(runs(machine.pid()));
}
