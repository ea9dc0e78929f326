//! Clients that ask without pause and note every request that fails.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::PATIENCE;

const CLIENTS: usize = 6;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Connections {
    /// One for all requests of a client.
    Kept,
    /// One for each request.
    New,
}

#[derive(Default)]
pub(super) struct Total {
    pub(super) answered: usize,
    pub(super) failures: Vec<String>,
}

pub(super) struct Load {
    clients: JoinSet<Total>,
    stop: CancellationToken,
}

impl Load {
    pub(super) fn start(address: SocketAddr, connections: Connections) -> Self {
        let stop = CancellationToken::new();
        let clients = (0..CLIENTS).map(|_| ask(address, connections, stop.clone())).collect();
        Self { clients, stop }
    }

    pub(super) async fn stop(self) -> Total {
        self.stop.cancel();
        let mut total = Total::default();
        for part in tokio::time::timeout(PATIENCE, self.clients.join_all()).await.unwrap() {
            total.answered += part.answered;
            total.failures.extend(part.failures);
        }
        total
    }
}

async fn ask(address: SocketAddr, connections: Connections, stop: CancellationToken) -> Total {
    let mut total = Total::default();
    let mut kept = None;
    while !stop.is_cancelled() {
        match request(address, kept.take()).await {
            Ok(sender) => {
                total.answered += 1;
                kept = (connections == Connections::Kept).then_some(sender);
            }
            Err(failure) => total.failures.push(failure),
        }
    }
    total
}

/// One request; a kept connection that the front door closed is a failure too.
async fn request(
    address: SocketAddr,
    kept: Option<SendRequest<Empty<Bytes>>>,
) -> Result<SendRequest<Empty<Bytes>>, String> {
    let mut sender = match kept {
        Some(sender) => sender,
        None => {
            let stream = TcpStream::connect(address).await.map_err(|error| format!("connect: {error}"))?;
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            sender
        }
    };
    sender.ready().await.map_err(|error| format!("kept connection: {error}"))?;
    let request = Request::get("/").header("host", "demo").body(Empty::new()).unwrap();
    let response = sender.send_request(request).await.map_err(|error| format!("request: {error}"))?;
    let status = response.status();
    let body = response.into_body().collect().await.map_err(|error| format!("body: {error}"))?.to_bytes();
    if status != StatusCode::OK || !body.starts_with(b"version ") {
        return Err(format!("{status}: {}", String::from_utf8_lossy(&body)));
    }
    Ok(sender)
}
