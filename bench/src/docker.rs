//! A call of a Docker engine: through a target's SSH connection, and on the engine's own socket.

use crate::figure::{Figure, print};
use anyhow::{Context, Result, anyhow, ensure};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Instant;
use tokio_util::sync::CancellationToken;
use windlass::docker::Engine;
use windlass::docker::testing::Machine;

const RUNS: usize = 500;
const IMAGE: &str = "shop:1";

pub(crate) async fn run() -> Result<()> {
    // It says by itself why it cannot run here.
    let Some(machine) = Machine::start().await else { return Ok(()) };
    machine.image(IMAGE, "exit 0");
    let cancel = CancellationToken::new();
    let engine = Engine::connect(machine.connect().await, &cancel).await.map_err(|error| anyhow!("{error:?}"))?;
    let socket = machine.path("run/docker.sock");
    let (mut local, mut over_ssh) = (Figure::new("on the engine's socket"), Figure::new("through SSH"));
    for _ in 0..RUNS {
        let started = Instant::now();
        inspect(&socket)?;
        local.add(started.elapsed());
        let started = Instant::now();
        let image = engine.image(IMAGE).await.map_err(|error| anyhow!("{error:?}"))?;
        over_ssh.add(started.elapsed());
        ensure!(image.is_some(), "the image is gone");
    }
    let more = over_ssh.median().saturating_sub(local.median());
    print("A call of a Docker engine: an image is inspected", &[local, over_ssh]);
    println!("  SSH adds {more:.2?} to a call");
    Ok(())
}

/// The least that a call can cost: one request on a fresh connection, its answer read and not understood.
fn inspect(socket: &Path) -> Result<()> {
    let mut stream = UnixStream::connect(socket).context("the engine has a socket")?;
    write!(stream, "GET /images/{IMAGE}/json HTTP/1.1\r\nhost: docker\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    ensure!(answer.starts_with("HTTP/1.1 200"), "the engine answers {answer}");
    Ok(())
}
