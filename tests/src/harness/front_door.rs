//! The proxy of `windlass demo` in front of the app, as a process of its own.

use super::api::ask;
use super::wait::until;
use std::net::TcpListener;
use tokio::process::{Child, Command};

/// A running front door; killed when dropped.
pub(crate) struct FrontDoor {
    _process: Child,
    pub(crate) url: String,
}

impl FrontDoor {
    /// Starts `windlass demo-front-door` and waits until the app answers through it.
    pub(super) async fn start(mut command: Command, upstream_file: &std::path::Path) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("there is a free port").to_string();
        command.args(["demo-front-door", "--listen", &address, "--upstream-file"]).arg(upstream_file);
        let process = command.kill_on_drop(true).spawn().expect("windlass can be started");
        let url = format!("http://{address}");
        until("the app behind the front door", async || {
            ask(&format!("{url}/version")).await.filter(|answer| answer.status.is_success())
        })
        .await;
        Self { _process: process, url }
    }
}
