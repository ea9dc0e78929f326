//! The proxy in front of the app, as a process of its own, and people who never stop asking it.

use super::api::{ask, http};
use super::wait::until;
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Clients that keep their connection, and as many that make a new one for each request.
const CLIENTS: usize = 2;
/// Between two requests of a client: some hundred requests a second, and time for what is tested.
const PAUSE: Duration = Duration::from_millis(5);

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

/// What the load saw.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) requests: usize,
    /// What went wrong, one for each failed request.
    pub(crate) failed: Vec<String>,
    /// Which versions answered.
    pub(crate) versions: BTreeSet<String>,
}

/// Requests, one after the other, from several clients.
pub(crate) struct Load {
    seen: Arc<Mutex<Seen>>,
    stop: CancellationToken,
    clients: JoinSet<()>,
}

impl Load {
    pub(crate) fn start(url: &str) -> Self {
        let (seen, stop) = (Arc::<Mutex<Seen>>::default(), CancellationToken::new());
        let mut clients = JoinSet::new();
        for keeps in [true, false].repeat(CLIENTS) {
            let client = http(|builder| if keeps { builder } else { builder.pool_max_idle_per_host(0) });
            let (url, seen, stop) = (format!("{url}/version"), seen.clone(), stop.clone());
            clients.spawn(async move {
                while !stop.is_cancelled() {
                    tokio::time::sleep(PAUSE).await;
                    let outcome = request(&client, &url).await;
                    let mut seen = seen.lock().expect("nothing panics with the lock");
                    seen.requests += 1;
                    match outcome {
                        Ok(version) => drop(seen.versions.insert(version)),
                        Err(error) => seen.failed.push(error),
                    }
                }
            });
        }
        Self { seen, stop, clients }
    }

    /// How many requests there were so far.
    pub(crate) fn requests(&self) -> usize {
        self.seen.lock().expect("nothing panics with the lock").requests
    }

    /// Waits for some requests after a count.
    pub(crate) async fn more_than(&self, count: usize) {
        until("more requests", async || (self.requests() > count + 2 * CLIENTS).then_some(())).await;
    }

    /// Lets the last requests end, and answers what was seen.
    pub(crate) async fn stop(self) -> Seen {
        self.stop.cancel();
        self.clients.join_all().await;
        std::mem::take(&mut self.seen.lock().expect("nothing panics with the lock"))
    }
}

async fn request(client: &reqwest::Client, url: &str) -> Result<String, String> {
    let response = client.get(url).send().await.map_err(|error| format!("{error:?}"))?;
    let status = response.status();
    let body = response.text().await.map_err(|error| format!("{error:?}"))?;
    if status.is_success() { Ok(body.trim().to_owned()) } else { Err(format!("{status}: {body}")) }
}
