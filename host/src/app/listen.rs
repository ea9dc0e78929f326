//! Where the server is reached: a TCP address for browsers and programs, a socket for its owner.

use super::StartError;
use axum::Router;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tokio::net::{TcpListener, UnixListener};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Takes the address, before anything else is opened.
pub(super) async fn tcp(address: Option<SocketAddr>) -> Result<Option<TcpListener>, StartError> {
    let Some(address) = address else { return Ok(None) };
    let listener = TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, source })?;
    Ok(Some(listener))
}

/// The URL of a listener; one that listens everywhere is named by loopback.
pub(super) fn url(listener: &TcpListener) -> Result<String, StartError> {
    let mut address = listener
        .local_addr()
        .map_err(|source| StartError::Listen { address: SocketAddr::from(([0, 0, 0, 0], 0)), source })?;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    Ok(format!("http://{address}"))
}

/// Serves browsers and programs.
pub(super) fn serve_tcp(listener: TcpListener, routes: Router, closing: &CancellationToken, tasks: &TaskTracker) {
    let closed = closing.clone().cancelled_owned();
    tasks.spawn(async move {
        tokio::select! {
            served = axum::serve(listener, routes) => {
                if let Err(error) = served {
                    tracing::error!(%error, "the server no longer accepts connections");
                }
            }
            // Event streams never end by themselves; their viewers come again.
            () = closed => {}
        }
    });
}

/// Serves the owner. The lock on the data directory is held, so that a socket that is there is left over.
pub(super) fn serve_local(
    socket: &Path,
    routes: Router,
    closing: &CancellationToken,
    tasks: &TaskTracker,
) -> Result<(), StartError> {
    let unusable = |source| StartError::Socket { path: socket.into(), source };
    drop(std::fs::remove_file(socket));
    let listener = UnixListener::bind(socket).map_err(unusable)?;
    // The directory is private already; this is for one that was made by hand.
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600)).map_err(unusable)?;
    let closed = closing.clone().cancelled_owned();
    tasks.spawn(async move {
        tokio::select! {
            served = axum::serve(listener, routes) => {
                if let Err(error) = served {
                    tracing::error!(%error, "the local socket no longer accepts connections");
                }
            }
            () = closed => {}
        }
    });
    Ok(())
}
