//! People who never stop asking the proxy in front of an app: with a connection for each request, with one connection
//! for all, and through a pool of connections.

use super::api::http;
use super::wait::until;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Clients of each kind.
const CLIENTS: usize = 2;
/// Between two requests of a client: some hundred requests a second, and time for what is tested.
const PAUSE: Duration = Duration::from_millis(5);

/// How a client connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A connection for each request.
    New,
    /// One connection for all its requests. That it is closed without notice is a failed request.
    KeepAlive,
    /// A pool that the clients of this kind share.
    Pooled,
}

/// What the load saw.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) requests: usize,
    /// The same, by how the client connects.
    pub(crate) by_kind: BTreeMap<Kind, usize>,
    /// What went wrong, one for each failed request.
    pub(crate) failed: Vec<String>,
    /// Which versions answered.
    pub(crate) versions: BTreeSet<String>,
    /// The last answer of each client.
    last: BTreeMap<usize, String>,
}

/// Requests, one after the other, from several clients.
pub(crate) struct Load {
    seen: Arc<Mutex<Seen>>,
    stop: CancellationToken,
    clients: JoinSet<()>,
}

impl Load {
    /// Asks `/version` of the proxy at this URL, from now on.
    pub(crate) fn start(url: &str) -> Self {
        let (seen, stop) = (Arc::<Mutex<Seen>>::default(), CancellationToken::new());
        let (mut clients, pool) = (JoinSet::new(), http(|builder| builder));
        for (number, kind) in [Kind::New, Kind::KeepAlive, Kind::Pooled].repeat(CLIENTS).into_iter().enumerate() {
            let mut client = match kind {
                Kind::New => Client::Http(http(|builder| builder.pool_max_idle_per_host(0))),
                Kind::KeepAlive => Client::Connection { connection: None },
                Kind::Pooled => Client::Http(pool.clone()),
            };
            let (url, seen, stop) = (url.to_owned(), seen.clone(), stop.clone());
            clients.spawn(async move {
                while !stop.is_cancelled() {
                    tokio::time::sleep(PAUSE).await;
                    let outcome = client.ask(&url).await;
                    let mut seen = seen.lock().expect("nothing panics with the lock");
                    seen.requests += 1;
                    *seen.by_kind.entry(kind).or_default() += 1;
                    match outcome {
                        Ok(version) => {
                            seen.versions.insert(version.clone());
                            seen.last.insert(number, version);
                        }
                        Err(error) => seen.failed.push(format!("{kind:?}: {error}")),
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
        until("more requests", async || (self.requests() > count + 3 * CLIENTS).then_some(())).await;
    }

    /// Waits until the last answer of every client was this version's.
    pub(crate) async fn reaches(&self, version: &str) {
        until(&format!("every client to reach {version}"), async || {
            let seen = self.seen.lock().expect("nothing panics with the lock");
            (seen.last.len() == 3 * CLIENTS && seen.last.values().all(|last| last == version)).then_some(())
        })
        .await;
    }

    /// Lets the last requests end, and answers what was seen.
    pub(crate) async fn stop(self) -> Seen {
        self.stop.cancel();
        self.clients.join_all().await;
        std::mem::take(&mut self.seen.lock().expect("nothing panics with the lock"))
    }
}

enum Client {
    Http(reqwest::Client),
    Connection { connection: Option<SendRequest<Empty<Bytes>>> },
}

impl Client {
    async fn ask(&mut self, url: &str) -> Result<String, String> {
        match self {
            Self::Http(client) => {
                let response = client.get(format!("{url}/version")).send().await.map_err(told)?;
                let status = response.status();
                version(status, response.text().await.map_err(told)?)
            }
            Self::Connection { connection } => {
                let address = url.strip_prefix("http://").expect("the proxy is asked without encryption");
                let mut open = match connection.take() {
                    Some(open) => open,
                    None => connect(address).await?,
                };
                let request = hyper::Request::get("/version").header("host", address).body(Empty::new());
                let answer = open.send_request(request.expect("it is a request")).await.map_err(told)?;
                let (status, says_close) = (answer.status(), answer.headers().get("connection").is_some());
                let body = answer.into_body().collect().await.map_err(told)?.to_bytes();
                // A server that says so may close it.
                *connection = (!says_close).then_some(open);
                version(status, String::from_utf8_lossy(&body).into_owned())
            }
        }
    }
}

async fn connect(address: &str) -> Result<SendRequest<Empty<Bytes>>, String> {
    let stream = TcpStream::connect(address).await.map_err(told)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(told)?;
    // How it ends, the next request is told.
    tokio::spawn(connection);
    Ok(sender)
}

fn told(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

fn version(status: impl Display + Into<u16> + Copy, body: String) -> Result<String, String> {
    let code: u16 = status.into();
    if (200..300).contains(&code) { Ok(body.trim().to_owned()) } else { Err(format!("{status}: {body}")) }
}
