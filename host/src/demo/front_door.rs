//! The demo's front door: a small HTTP/1 reverse proxy on loopback. Where requests go stands in a file
//! that the `route` stage replaces; it is read anew for each request, so that no switch loses one.

mod exchange;
mod headers;
mod page;
#[cfg(test)]
mod tests;
mod upstream;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use exchange::Exchange;

/// How long answers under way may take to finish once the front door is to close.
const CLOSING: Duration = Duration::from_secs(3);
/// A pause after a failed accept: with no file descriptor left, trying at once only burns the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `shutdown`; then what is under way has three seconds to finish.
///
/// `upstream_file` holds `127.0.0.1:<port>`; while there is none, visitors see a page that says so.
pub async fn serve(listener: TcpListener, upstream_file: &Path, shutdown: CancellationToken) {
    let upstream_file: Arc<Path> = PathBuf::from(upstream_file).into();
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, client)) => {
                let exchange = Exchange::new(Arc::clone(&upstream_file), client.ip());
                connections.spawn(serve_connection(stream, exchange, shutdown.clone()));
            }
            Err(error) => {
                tracing::warn!("the front door cannot accept a connection: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    connections.close();
    // What takes longer is cut off with the process.
    let _ = tokio::time::timeout(CLOSING, connections.wait()).await;
}

/// Serves one client, request after request, until it or the front door closes.
async fn serve_connection(stream: TcpStream, exchange: Exchange, shutdown: CancellationToken) {
    // Without it, an answer in two parts waits for the client's acknowledgment of the first.
    if let Err(error) = stream.set_nodelay(true) {
        return log_unusual(&error);
    }
    let exchange = Arc::new(exchange);
    let service = service_fn(move |request| {
        let exchange = Arc::clone(&exchange);
        async move { Ok::<_, std::convert::Infallible>(exchange.answer(request).await) }
    });
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // A client that breaks off, or whose upstream does, is no event for the front door.
        _ = connection.as_mut() => return,
        () = shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

fn log_unusual(error: &io::Error) {
    tracing::debug!("a client was gone before it was served: {error}");
}
