//! An instance of an app: a server that counts what it has served and ends gracefully.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::PATIENCE;

struct Shared {
    version: String,
    served: watch::Sender<usize>,
    halves: Notify,
    ending: CancellationToken,
    connections: TaskTracker,
}

pub(super) struct App {
    port: u16,
    shared: Arc<Shared>,
    accepting: tokio::task::JoinHandle<()>,
}

impl App {
    pub(super) async fn start(version: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            version: version.to_owned(),
            served: watch::Sender::new(0),
            halves: Notify::new(),
            ending: CancellationToken::new(),
            connections: TaskTracker::new(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { port, shared, accepting }
    }

    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Waits until so many requests were answered.
    pub(super) async fn served(&self, count: usize) {
        let mut served = self.shared.served.subscribe();
        tokio::time::timeout(PATIENCE, served.wait_for(|served| *served >= count)).await.unwrap().unwrap();
    }

    /// Lets the second half of each answer of `/halves` go.
    pub(super) fn finish_halves(&self) {
        self.shared.halves.notify_one();
    }

    /// Ends as many an app does on SIGTERM: whoever waits to be accepted is cut off, what is under way
    /// finishes, idle connections close.
    pub(super) async fn end(self) {
        self.shared.ending.cancel();
        self.accepting.await.unwrap();
        self.shared.connections.close();
        tokio::time::timeout(PATIENCE, self.shared.connections.wait()).await.unwrap();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        tokio::select! {
            () = shared.ending.cancelled() => return,
            accepted = listener.accept() => {
                let connection = serve(accepted.unwrap().0, Arc::clone(&shared));
                shared.connections.spawn(connection);
            }
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    stream.set_nodelay(true).unwrap();
    let ending = shared.ending.clone();
    let service = service_fn(move |request| answer(request, Arc::clone(&shared)));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = ending.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn answer(
    request: Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<BoxBody<Bytes, hyper::Error>>, Infallible> {
    let body = match request.uri().path() {
        "/echo" => request.into_body().boxed(),
        "/halves" => {
            let first = Bytes::from(format!("first half of {}\n", shared.version));
            let second = {
                let shared = Arc::clone(&shared);
                async move {
                    shared.halves.notified().await;
                    Bytes::from(format!("second half of {}\n", shared.version))
                }
            };
            let parts = futures::stream::iter([first]).chain(futures::stream::once(second));
            BodyExt::boxed(StreamBody::new(parts.map(|part| Ok(Frame::data(part)))))
        }
        _ => Full::from(format!("version {}\n", shared.version)).map_err(|never| match never {}).boxed(),
    };
    shared.served.send_modify(|served| *served += 1);
    Ok(Response::new(body))
}
