//! A service of Docker Compose on a machine with a real engine: once as a deployment of the template `compose`,
//! recorded and sandboxed, once as a script over ControlMaster that does the same: it brings the compose file and the
//! variables, has Compose read them, starts the containers, and sees for two seconds that they stay up.

use crate::figure::{Figure, print};
use crate::sshd::make_key;
use crate::target;
use anyhow::{Context, Result, anyhow, ensure};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use windlass::app::{Server, ServerOptions};
use windlass::client::Client;
use windlass::docker::testing::Machine;

const RUNS: usize = 10;
const BY_WINDLASS: u16 = 8000;
const BY_SCRIPT: u16 = 8001;

/// Each `ssh` is a process of its own, as in a script; the connection is opened once and kept.
const SCRIPT: &str = r#"set -e
ssh() { command ssh -F none -o ControlMaster=auto -o "ControlPath=$DIR/mux" -o ControlPersist=60 -i "$DIR/id" \
    -o "UserKnownHostsFile=$DIR/known_hosts" -o StrictHostKeyChecking=yes -p "$PORT" root@127.0.0.1 "$@"; }
compose="docker compose --env-file script/web/.env.bench -p script -f script/docker-compose.web.yml"
ssh "docker compose version --short && docker version --format '{{.Server.Version}}'" >/dev/null
ssh "mkdir -p script/web"
ssh "umask 077; cat >script/web/.env.new && mv -f script/web/.env.new script/web/.env.bench" <"$ENV_FILE"
ssh "cat >script/docker-compose.new && mv -f script/docker-compose.new script/docker-compose.web.yml" <"$FILE"
ssh "$compose config --quiet"
ssh "$compose up --detach --remove-orphans" >/dev/null 2>&1
ssh "sleep 2; test -z \"\$($compose ps --quiet --status exited --status restarting)\""
"#;

pub(crate) async fn run() -> Result<()> {
    // It says by itself why it cannot run here.
    let Some(machine) = Machine::start().await else { return Ok(()) };
    if !Command::new("docker").args(["compose", "version"]).output().is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: a service of Docker Compose: there is no `docker compose` 2: run .ci/later-packages");
        return Ok(());
    }
    machine.image("bench:1", "mkdir /w; echo ok >/w/index.html; exec busybox httpd -f -p 3000 -h /w");
    let directory = tempfile::tempdir()?;
    let options = ServerOptions {
        data_dir: directory.path().join("data"),
        database_url: None,
        listen: None,
        plugin_dir: None,
        drives: true,
    };
    let server = Server::start(options).await.map_err(|error| anyhow!("{error}"))?;
    let client = Client::local(server.socket())?;
    let script = prepare(&client, &machine, directory.path()).await?;

    let mut windlass = Figure::new("a Windlass deployment");
    let mut by_script = Figure::new("the same steps as a script, ControlMaster");
    for number in 0..=RUNS {
        let deploying = Instant::now();
        target::deploy(&client, &config(number), Some(&archive(directory.path())?)).await?;
        let deployed = deploying.elapsed();
        let scripting = Instant::now();
        script.run(number)?;
        // The first of each opens its connection, and makes networks.
        if number > 0 {
            windlass.add(deployed);
            by_script.add(scripting.elapsed());
        }
    }
    print("A service of Docker Compose: files, check, up, two seconds of watching", &[windlass, by_script]);
    server.close().await;
    Ok(())
}

/// Lets one key in, that of the script and of the server, and registers the machine as the target `bench`.
async fn prepare(client: &Client, machine: &Machine, directory: &Path) -> Result<Script> {
    let id = directory.join("id");
    make_key(&id)?;
    let mut authorized = fs::OpenOptions::new().append(true).open(machine.path("authorized_keys"))?;
    write!(authorized, "\n{}", fs::read_to_string(id.with_extension("pub"))?)?;
    let (port, host_key) = (machine.address.port, machine.address.host_key.clone());
    fs::write(directory.join("known_hosts"), format!("[127.0.0.1]:{port} {host_key}\n"))?;
    target::register(client, port, "root", &host_key, &id).await?;
    fs::write(directory.join("compose.yml"), compose_file(BY_SCRIPT))?;
    Ok(Script { directory: directory.into(), port })
}

struct Script {
    directory: PathBuf,
    port: u16,
}

impl Script {
    fn run(&self, number: usize) -> Result<()> {
        let variables = self.directory.join("variables");
        fs::write(&variables, format!("NUMBER={number}\n"))?;
        let done = Command::new("sh")
            .args(["-c", SCRIPT])
            .env("DIR", &self.directory)
            .env("PORT", self.port.to_string())
            .env("ENV_FILE", &variables)
            .env("FILE", self.directory.join("compose.yml"))
            .status()?;
        ensure!(done.success(), "the script failed");
        Ok(())
    }
}

/// Each deployment has another variable, so that the container is made anew.
fn compose_file(port: u16) -> String {
    format!(
        "services:\n  web:\n    image: bench:1\n    stop_grace_period: 0s\n    environment:\n      NUMBER: \"${{NUMBER}}\"\n    \
         ports: [\"127.0.0.1:{port}:3000\"]\n"
    )
}

fn config(number: usize) -> String {
    format!(
        r#"
project = "compose"
template = "compose@1"

[options]
service = "web"
directory = "windlass"
pull = false
env = {{ NUMBER = "{number}" }}
check = "containers"

[environments.bench]
targets = {{ app = ["bench"] }}
"#
    )
}

/// A tar.gz of the compose file.
fn archive(directory: &Path) -> Result<PathBuf> {
    let path = directory.join("compose.tar.gz");
    let mut archive =
        tar::Builder::new(flate2::write::GzEncoder::new(fs::File::create(&path)?, flate2::Compression::fast()));
    let text = compose_file(BY_WINDLASS);
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, "docker-compose.web.yml", text.as_bytes()).context("the archive is ours")?;
    archive.into_inner()?.finish()?;
    Ok(path)
}
