use super::ToolInstall;
use serde_json::{Value, json};
use windlass_sdk::Error;
use windlass_sdk::ssh::Output;
use windlass_sdk::testing::{Call, Harness};

/// What `facts.sh` says of a Debian 12.
const DEBIAN: &str = "system=Debian GNU/Linux 12 (bookworm)\narchitecture=x86_64\nuser=deploy\napt=yes\n";
const CADDY_SUM: &str = "8220d1f013b6f27510247b2360c9e0ca9f018feebd82515f07635318b34ff9777\
    ccc8fd0b6e6f2486ce3a33fe389fbb7db12d05baa474f4587509fb4f5ebf1c9";

fn harness(config: Value, answers: &[&str]) -> Harness {
    let mut harness = Harness::new().target("web-1").config(config);
    for answer in answers {
        harness.next_exec(Ok(Output::ok(*answer)));
    }
    harness
}

/// What changes the machine, as commands.
fn changes(harness: &Harness) -> Vec<String> {
    let changes = harness.effects().iter().filter_map(|call| match call {
        Call::Exec(request) if request.repeat == windlass_sdk::ssh::Repeat::Reads => None,
        Call::Exec(request) => Some(format!("{}{}", if request.sudo { "sudo " } else { "" }, request.summary())),
        call => Some(call.to_string()),
    });
    changes.collect()
}

fn error_of(config: Value, facts: &str) -> Error {
    let mut harness = harness(config, &[facts]);
    let error = harness.run::<ToolInstall>().unwrap_err();
    assert_eq!(changes(&harness), [""; 0], "nothing was changed");
    error
}

#[test]
fn what_is_there_is_left_alone() {
    let there = format!(
        "{DEBIAN}root=sudo\ndocker_group=yes\nengine=yes\nversion=Docker version 20.10.24+dfsg1, build 297e128\n"
    );
    let mut harness = harness(json!({ "tool": "docker" }), &[&there]);
    assert_eq!(harness.run::<ToolInstall>().unwrap(), json!({ "version": "20.10.24", "installed": false }));
    assert_eq!(changes(&harness), [""; 0]);
}

#[test]
fn an_engine_that_does_not_run_is_started() {
    let there = format!("{DEBIAN}root=sudo\ndocker_group=yes\nsystemd=yes\nversion=Docker version 20.10.24+dfsg1\n");
    let mut harness = harness(json!({ "tool": "docker" }), &[&there, ""]);
    harness.run::<ToolInstall>().unwrap();
    assert_eq!(changes(&harness), ["sudo systemctl enable --now docker"]);
}

#[test]
fn a_package_that_is_new_enough_is_installed_and_the_user_let_in() {
    let before = format!("{DEBIAN}root=sudo\nversion=\ncandidate=docker.io 20.10.24+dfsg1-1\n");
    let after = "version=Docker version 20.10.24, build 297e128\n";
    let mut harness = harness(json!({ "tool": "docker" }), &[&before, "", &before, "", after, ""]);
    assert_eq!(harness.run::<ToolInstall>().unwrap(), json!({ "version": "20.10.24", "installed": true }));
    let expected = [
        "sudo apt-get --quiet -o DPkg::Lock::Timeout=120 update",
        "sudo apt-get --quiet -o DPkg::Lock::Timeout=120 --yes install docker.io",
        "sudo usermod --append --groups docker deploy",
    ];
    assert_eq!(changes(&harness), expected);
}

#[test]
fn where_packages_are_too_old_the_makers_program_comes() {
    let before = format!("{DEBIAN}root=self\nsystemd=yes\nversion=2.6.2\ncandidate=caddy 2.6.2-5\n");
    let mut harness = harness(json!({ "tool": "caddy" }), &[&before, "", &before, "", "", "version=v2.11.4 h1:abc\n"]);
    harness.on_write(|_| Ok(()));
    assert_eq!(harness.run::<ToolInstall>().unwrap(), json!({ "version": "2.11.4", "installed": true }));
    let [_, _, _, Call::Exec(download), Call::Write(unit), Call::Exec(_), _] = harness.effects() else { panic!() };
    let env: Vec<String> = download.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let url = "https://github.com/caddyserver/caddy/releases/download/v2.11.4/caddy_2.11.4_linux_amd64.tar.gz";
    let expected = [
        format!("URL={url}"),
        format!("CHECKSUM={CADDY_SUM}"),
        "MEMBER=caddy".into(),
        "TO=/usr/local/bin/caddy".into(),
    ];
    assert_eq!(env, expected);
    assert_eq!(unit.path, "/etc/systemd/system/caddy.service");
}

#[test]
fn each_distribution_has_its_package_of_compose() {
    for (candidates, package) in [
        ("candidate=docker-compose-v2 2.37.1\ncandidate=docker-compose 1.29.2-3\n", "docker-compose-v2"),
        ("candidate=docker-compose 2.26.1-4\n", "docker-compose"),
        ("candidate=docker-compose-plugin 2.38.2-1\ncandidate=docker-compose 1.29.2\n", "docker-compose-plugin"),
    ] {
        let before = format!("{DEBIAN}root=self\nversion=\n{candidates}");
        let mut harness = harness(json!({ "tool": "compose" }), &[&before, "", &before, "", "version=2.30.0\n"]);
        harness.run::<ToolInstall>().unwrap();
        let installed = format!("apt-get --quiet -o DPkg::Lock::Timeout=120 --yes install {package}");
        assert_eq!(changes(&harness)[1], installed);
    }
}

#[test]
fn an_own_place_needs_no_apt() {
    let facts = "system=Alpine Linux v3.22\narchitecture=x86_64\nuser=root\nroot=self\nversion=\n";
    let download = json!({ "url": "http://mirror.lan/caddy", "checksum": "0".repeat(64) });
    let config = json!({ "tool": "caddy", "download": download });
    let mut harness = harness(config, &[facts, "", "version=v2.11.4\n"]);
    harness.run::<ToolInstall>().unwrap();
    assert_eq!(changes(&harness).len(), 1);
}

#[test]
fn a_plan_lists_what_would_be_done() {
    let before = format!("{DEBIAN}root=sudo\nversion=\ncandidate=docker.io 20.10.24+dfsg1-1\n");
    let mut harness = Harness::new().target("web-1").config(json!({ "tool": "docker" }));
    harness.on_exec(move |_| Ok(Output::ok(before.clone())));
    assert_eq!(harness.plan::<ToolInstall>().unwrap(), json!({ "version": "20.10.24", "installed": true }));
    assert_eq!(changes(&harness).len(), 3);
}

#[test]
fn who_may_not_is_told_what_would_help() {
    let error = error_of(json!({ "tool": "docker" }), &format!("{DEBIAN}version=\n"));
    assert_eq!(error.message, "Docker Engine is to be installed on web-1, and deploy is neither root nor may use sudo");
    let hint = "let deploy use sudo without a password, or register the target as root, or install Docker Engine 20.10 or \
        newer on web-1 by hand (the programs `dockerd` and `docker`, and a running engine), and run this again";
    assert_eq!((error.code.as_str(), error.hint.as_deref()), ("needs-root", Some(hint)));
    let there = format!("{DEBIAN}version=Docker version 28.2.2\n");
    let error = error_of(json!({ "tool": "docker" }), &there);
    assert_eq!(error.hint.unwrap(), "as root on web-1: usermod --append --groups docker deploy");
}

#[test]
fn another_system_is_told_what_to_install_by_hand() {
    let facts = "system=Arch Linux\narchitecture=x86_64\nuser=root\nroot=self\nversion=\n";
    let error = error_of(json!({ "tool": "caddy" }), facts);
    assert_eq!(
        error.message,
        "web-1 runs Arch Linux, which has no apt-get: Caddy cannot be installed there by this stage"
    );
    let hint = "install Caddy 2.11 or newer on web-1 by hand (so that `caddy version` answers), and run this again";
    assert_eq!((error.code.as_str(), error.hint.as_deref()), ("unsupported-system", Some(hint)));
}

#[test]
fn an_architecture_without_a_program_is_told_so() {
    let facts = DEBIAN.replace("x86_64", "riscv64") + "root=self\nversion=\ncandidate=caddy 2.6.2-5\n";
    let mut harness = harness(json!({ "tool": "caddy" }), &[&facts, "", &facts]);
    let error = harness.run::<ToolInstall>().unwrap_err();
    let message = "Debian GNU/Linux 12 (bookworm) on web-1 (riscv64) has caddy 2.6.2; Caddy 2.11 or newer is needed";
    assert_eq!(error.message, message);
}
