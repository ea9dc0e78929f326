//! `windlass target prepare` on emulated machines, which have what this machine has until a test takes it away.
//!
//! They do not reach the internet: what is installed here comes from a server of the test's own, a program, or a
//! repository of packages.

use crate::harness::{Fleet, Machine, Missing, Output, Program, Site, exit, until};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use windlass_api_types::deployment::Deployment;
use windlass_api_types::effect::DeploymentEffect;
use windlass_api_types::plan::Plan;
use windlass_api_types::{DeploymentStatus, Failure};

mod sqlite {
    crate::harness::test_on!(a_prepared_machine_is_left_alone, Sqlite);
    crate::harness::test_on!(a_plan_shows_what_would_be_installed, Sqlite);
    crate::harness::test_on!(a_program_is_downloaded_checked_and_kept, Sqlite);
    crate::harness::test_on!(a_package_is_installed_where_it_is_new_enough, Sqlite);
    crate::harness::test_on!(what_cannot_be_installed_is_to_be_by_hand, Sqlite);
}

/// A machine with Docker, Docker Compose and Caddy.
async fn prepared(site: &Site) -> Option<Fleet> {
    for program in [Program::Compose, Program::Caddy] {
        if let Err(missing) = program.find() {
            site.skip(&missing);
            return None;
        }
    }
    site.fleet(&["web-1"]).await
}

fn only(fleet: &Fleet) -> &Machine {
    &fleet.machines()[0]
}

/// Takes Caddy away, wherever it is.
fn remove_caddy(machine: &Machine) {
    machine.run("rm -f $(which -a caddy) && ! command -v caddy");
}

async fn a_prepared_machine_is_left_alone(site: &Site) {
    let Some(_fleet) = prepared(site).await else { return };
    for label in ["windlass#1", "windlass#2"] {
        let deployment: Deployment =
            site.windlass("target prepare web-1 --with docker,caddy --json").await.succeeds().json();
        assert_eq!(
            (deployment.summary.label.as_str(), deployment.summary.status),
            (label, DeploymentStatus::Succeeded)
        );
        let effects: Vec<DeploymentEffect> = site.windlass(&format!("effects {label} --json")).await.succeeds().json();
        let functions: Vec<_> = effects.iter().map(|effect| effect.function.as_str()).collect();
        assert_eq!(functions, ["ssh-exec.exec"; 3], "each tool is looked for, and that is all");
        let log = site.windlass(&format!("logs {label}")).await.succeeds().stdout;
        assert_eq!(log.matches("is there already").count(), 3, "{log}");
    }
}

async fn a_plan_shows_what_would_be_installed(site: &Site) {
    let Some(fleet) = prepared(site).await else { return };
    remove_caddy(only(&fleet));
    let plan = "target prepare web-1 --with caddy --plan";
    let shown = site.windlass(plan).await.succeeds().stdout;
    assert!(shown.contains("apt-get --quiet -o DPkg::Lock::Timeout=120 update"), "{shown}");
    // Which of the two it is, the distribution's version decides.
    let package = shown.contains("--yes install caddy");
    let program = shown.contains("download /usr/local/bin/caddy from https://");
    assert!(package != program, "{shown}");
    let planned: Plan = site.windlass(&format!("{plan} --json")).await.succeeds().json();
    let skipped: Vec<_> = planned.runs.iter().filter(|run| run.skipped.is_some()).map(|run| &*run.stage).collect();
    assert_eq!(skipped, ["docker", "compose"]);
    only(&fleet).run("! command -v caddy");
    let history = site.windlass("history windlass").await.succeeds().stdout;
    assert_eq!(history, "no deployments\n", "a plan is none");
}

/// A server of files on the network of the fleet.
async fn serve_files(fleet: &Fleet, directory: &Path) -> Child {
    std::fs::write(directory.join("there"), "").expect("the site's directory can be written");
    let mut server = fleet.command("busybox");
    server.args(["httpd", "-f", "-p", "10.77.0.1:8099", "-h"]).arg(directory).stdin(Stdio::null());
    let server = server.spawn().expect("there is nsenter");
    until("the files to be served", async || {
        fleet.curl(&["http://10.77.0.1:8099/there"]).contains("200").then_some(())
    })
    .await;
    server
}

fn checksum(file: &Path) -> String {
    let said = Command::new("sha512sum").arg(file).output().expect("there is sha512sum").stdout;
    String::from_utf8_lossy(&said).split(' ').next().expect("the sum is the first word").to_owned()
}

/// Deploys the template with Caddy from the test's own server.
async fn bring_caddy(site: &Site, checksum: &str) -> Output {
    site.write_config(&format!(
        "project = \"windlass\"\ntemplate = \"prepare@1\"\n[options]\ncaddy = true\n\
         caddy_download = {{ url = \"http://10.77.0.1:8099/caddy.tar.gz\", checksum = \"{checksum}\" }}\n\
         [environments.targets]\ntargets = {{ prepared = [\"web-1\"] }}\n"
    ));
    site.windlass("deploy --to targets --json").await
}

async fn a_program_is_downloaded_checked_and_kept(site: &Site) {
    let Some(fleet) = prepared(site).await else { return };
    let machine = only(&fleet);
    remove_caddy(machine);
    let files = site.path("files");
    std::fs::create_dir(&files).expect("the site's directory can be written");
    let archive = files.join("caddy.tar.gz");
    let caddy = Program::Caddy.find().expect("it was just there");
    let packed =
        Command::new("tar").arg("-czf").arg(&archive).arg("-C").arg(caddy.parent().unwrap()).arg("caddy").status();
    assert!(packed.expect("there is tar").success());
    let mut server = serve_files(&fleet, &files).await;

    let sum = checksum(&archive);
    let failure = failure(&bring_caddy(site, &"0".repeat(128)).await.exits(exit::FAILED));
    let message = format!(
        "http://10.77.0.1:8099/caddy.tar.gz has another checksum than expected: {sum}; nothing was installed on web-1"
    );
    assert_eq!((failure.code.as_str(), failure.message.as_str()), ("checksum", message.as_str()));
    machine.run("! command -v caddy");

    bring_caddy(site, &sum).await.succeeds();
    assert!(machine.run("/usr/local/bin/caddy version").contains('.'));
    site.windlass("target prepare web-1 --with caddy").await.succeeds();
    let log = site.windlass("logs windlass").await.succeeds().stdout;
    assert!(log.contains("is there already"), "{log}");
    server.kill().expect("an own process can be killed");
    server.wait().expect("an own process ends");
}

/// Makes a package of the Caddy of this machine, and the index of a repository that has nothing else.
fn make_repository(directory: &Path) {
    let package = directory.join("package");
    for part in ["DEBIAN", "usr/bin"] {
        std::fs::create_dir_all(package.join(part)).expect("the site's directory can be written");
    }
    let caddy = Program::Caddy.find().expect("it was just there");
    std::fs::copy(caddy, package.join("usr/bin/caddy")).expect("the site's directory can be written");
    let control = "Package: caddy\nVersion: 2.99.0-1\nArchitecture: all\nMaintainer: nobody <nobody@example.test>\n\
        Description: Caddy\n";
    std::fs::write(package.join("DEBIAN/control"), control).expect("the site's directory can be written");
    let file = directory.join("caddy.deb");
    let made =
        Command::new("dpkg-deb").args(["--build", "-Znone"]).arg(&package).arg(&file).stdout(Stdio::null()).status();
    assert!(made.expect("there is dpkg-deb").success());
    let (size, sum) = (std::fs::metadata(&file).expect("it was just made").len(), checksum(&file));
    let index = format!("{control}Filename: ./caddy.deb\nSize: {size}\nSHA512: {sum}\n");
    std::fs::write(directory.join("Packages"), index).expect("the site's directory can be written");
}

async fn a_package_is_installed_where_it_is_new_enough(site: &Site) {
    let Some(fleet) = prepared(site).await else { return };
    if !["/usr/bin/apt-get", "/usr/bin/dpkg-deb"].iter().all(|program| Path::new(program).exists()) {
        return site.skip(&Missing("needs a system with apt-get and dpkg-deb".to_owned()));
    }
    let machine = only(&fleet);
    remove_caddy(machine);
    let files = site.path("files");
    make_repository(&files);
    let mut server = serve_files(&fleet, &files).await;
    machine.run(
        "rm -rf /etc/apt/sources.list.d /var/lib/apt/lists && mkdir -p /etc/apt/sources.list.d /var/lib/apt/lists && \
         echo 'deb [trusted=yes] http://10.77.0.1:8099 ./' >/etc/apt/sources.list",
    );

    site.windlass("target prepare web-1 --with caddy").await.succeeds();
    let log = site.windlass("logs windlass#1").await.succeeds().stdout;
    assert!(log.contains("as the package caddy") && log.contains("Setting up caddy (2.99.0-1)"), "{log}");
    assert!(machine.run("/usr/bin/caddy version").contains('.'));
    let again: Deployment = site.windlass("target prepare web-1 --with caddy --json").await.succeeds().json();
    let effects: Vec<DeploymentEffect> = site.windlass("effects windlass#2 --json").await.succeeds().json();
    assert_eq!((again.summary.status, effects.len()), (DeploymentStatus::Succeeded, 1), "it is there now");
    server.kill().expect("an own process can be killed");
    server.wait().expect("an own process ends");
}

/// Why a deployment failed.
fn failure(output: &Output) -> Failure {
    let deployment: Deployment = output.json();
    deployment.summary.failure.expect("it failed")
}

async fn what_cannot_be_installed_is_to_be_by_hand(site: &Site) {
    let Some(fleet) = prepared(site).await else { return };
    let machine = only(&fleet);
    remove_caddy(machine);

    // sudo looks its own machine's name up, and would wait for a name server that is not there.
    machine.run("echo 127.0.1.1 web-1 >>/etc/hosts");

    // Who may do nothing.
    let (port, fingerprint, key) = (machine.port, machine.fingerprint(), site.key());
    let line =
        format!("target add plain deploy@127.0.0.1:{port} --identity {} --fingerprint {fingerprint}", key.display());
    site.windlass(&line).await.succeeds();
    let denied = failure(&site.windlass("target prepare plain --with caddy --json").await.exits(exit::FAILED));
    assert_eq!(denied.message, "Caddy is to be installed on plain, and deploy is neither root nor may use sudo");
    let outside = failure(&site.windlass("target prepare plain --json").await.exits(exit::FAILED));
    let hint = "as root on plain: usermod --append --groups docker deploy";
    assert_eq!((outside.code.as_str(), outside.hint.as_deref()), ("not-in-group", Some(hint)));

    // A system without apt.
    machine.write("/etc/os-release", "PRETTY_NAME=\"Arch Linux\"\nID=arch\n");
    machine.run("rm -f $(which -a apt-get)");
    for command in ["target prepare web-1 --with caddy --json", "target prepare web-1 --with docker,caddy --json"] {
        let failure = failure(&site.windlass(command).await.exits(exit::FAILED));
        let message = "web-1 runs Arch Linux, which has no apt-get: Caddy cannot be installed there by this stage";
        assert_eq!((failure.code.as_str(), failure.message.as_str()), ("unsupported-system", message));
        let hint = "install Caddy 2.11 or newer on web-1 by hand (so that `caddy version` answers), and run this again";
        assert_eq!(failure.hint.as_deref(), Some(hint));
    }
    // What is there is still found.
    site.windlass("target prepare web-1 --with docker").await.succeeds();
}
