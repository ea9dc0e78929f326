//! Five operations on a machine over SSH: make a directory, upload, switch a link, compose up (a stub), poll
//! until 200. Once as a Windlass deployment, recorded and sandboxed, once as a script over ControlMaster.

use crate::figure::{Figure, print};
use crate::script::Script;
use crate::sshd::{Sshd, make_key};
use crate::target;
use anyhow::{Context, Result, anyhow};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::time::Instant;
use windlass::app::{Server, ServerOptions};
use windlass::client::Client;

const RUNS: usize = 20;
/// Bytes of the artifact: a small site.
const ARTIFACT: usize = 200_000;

pub(crate) async fn run() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let server = Server::start(ServerOptions {
        data_dir: directory.path().join("data"),
        database_url: None,
        listen: None,
        plugin_dir: None,
        drives: true,
    })
    .await
    .map_err(|error| anyhow!("{error}"))?;
    let client = Client::local(server.socket())?;
    let app = answer_200()?;
    let user = std::env::var("USER").unwrap_or_else(|_| "root".into());
    let sshd = start(&client, directory.path(), &user).await?;

    let mut windlass = Figure::new("a Windlass deployment");
    let mut script = Figure::new("the same steps as a script, ControlMaster");
    for number in 0..=RUNS {
        let artifact = artifact(directory.path())?;
        let root = directory.path().join("by-windlass");
        let deploying = Instant::now();
        target::deploy(&client, &config(&root, app), Some(&artifact)).await?;
        let deployed = deploying.elapsed();
        let root = directory.path().join("by-script");
        let by_script = Script { sshd: &sshd, user: &user, root: &root, app };
        let scripting = Instant::now();
        by_script.run(&format!("r{number}"), &artifact)?;
        // The first of each opens its connection.
        if number > 0 {
            windlass.add(deployed);
            script.add(scripting.elapsed());
        }
    }
    print(
        "Five operations on a machine: mkdir, upload, symlink, compose up (a stub), poll until 200",
        &[windlass, script],
    );
    server.close().await;
    Ok(())
}

/// An sshd that lets one key in, that of the script and of the server, registered as the target `bench`.
async fn start(client: &Client, directory: &Path, user: &str) -> Result<Sshd> {
    let home = directory.join("sshd");
    fs::create_dir_all(&home)?;
    make_key(&home.join("id"))?;
    let sshd = Sshd::start(&home, &fs::read_to_string(home.join("id.pub"))?)?;
    let host_key = sshd.host_key()?;
    fs::write(home.join("known_hosts"), format!("[127.0.0.1]:{} {host_key}", sshd.port))?;
    target::register(client, sshd.port, user, &host_key, &home.join("id")).await?;
    Ok(sshd)
}

fn config(root: &Path, app: u16) -> String {
    let root = root.display();
    format!(
        r#"
project = "bench"

[environments.bench]
targets = {{ app = ["bench"] }}

[[stage]]
id = "mkdir"
run = "mkdir -p {root}/releases {root}/data"
targets = "app"

[[stage]]
id = "upload"
uses = "release-upload@1"
targets = "app"
with = {{ directory = "{root}" }}

[[stage]]
id = "symlink"
run = "ln -s releases/${{release.label}} {root}/current.new && mv -Tf {root}/current.new {root}/current"
targets = "app"

[[stage]]
id = "up"
run = "{root}/current/compose up -d"
targets = "app"

[[stage]]
id = "healthy"
uses = "http-health@1"
targets = "app"
with = {{ port = {app}, path = "/" }}
"#
    )
}

/// A tar.gz with a stub of compose and some bytes that do not compress; new each time.
fn artifact(directory: &Path) -> Result<std::path::PathBuf> {
    let path = directory.join("artifact.tar.gz");
    let file = fs::File::create(&path)?;
    let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(file, flate2::Compression::fast()));
    let mut add = |name: &str, mode: u32, bytes: &[u8]| -> Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(mode);
        Ok(archive.append_data(&mut header, name, bytes)?)
    };
    add("compose", 0o755, b"#!/bin/sh\nexit 0\n")?;
    let bytes: Vec<u8> = (0..ARTIFACT).map(|_| rand::random()).collect();
    add("site", 0o644, &bytes)?;
    archive.into_inner()?.finish()?;
    Ok(path)
}

/// Answers every request with 200, from a thread that ends with the process.
fn answer_200() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr().context("a listener has an address")?.port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 1024];
            // A client that goes away is none of the benchmark's.
            drop(stream.read(&mut request));
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"));
        }
    });
    Ok(port)
}
