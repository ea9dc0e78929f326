//! Where requests go: the upstream file, and connections to what it names.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Loopback connects at once, or is refused at once; only a listener whose queue is full takes longer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A request's body on its way through: the client's, or nothing.
pub(super) type RequestBody = BoxBody<Bytes, hyper::Error>;

/// Why a request could go nowhere.
#[derive(Debug, thiserror::Error)]
pub(super) enum UpstreamError {
    #[error("nothing is deployed yet: {0} is not there")]
    Nowhere(String),
    #[error("the upstream file {path} cannot be read: {source}")]
    Unreadable { path: String, source: io::Error },
    #[error("the upstream file {path} holds no address such as 127.0.0.1:20001")]
    NoAddress { path: String },
    #[error("{address} accepts no connection: {source}")]
    Refused { address: SocketAddr, source: io::Error },
    #[error("{address} gave no answer: {source}")]
    Broken { address: SocketAddr, source: hyper::Error },
}

/// What the file says now. The file is a few bytes in the page cache: reading it takes microseconds,
/// less than handing the read to another thread would.
pub(super) fn read(file: &Path) -> Result<SocketAddr, UpstreamError> {
    let path = || file.display().to_string();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(UpstreamError::Nowhere(path())),
        Err(source) => return Err(UpstreamError::Unreadable { path: path(), source }),
    };
    text.trim().parse().map_err(|_| UpstreamError::NoAddress { path: path() })
}

/// A connection to an instance of the app.
pub(super) struct Upstream {
    pub(super) address: SocketAddr,
    pub(super) sender: SendRequest<RequestBody>,
}

impl Upstream {
    pub(super) async fn connect(address: SocketAddr) -> Result<Self, UpstreamError> {
        let refused = |source| UpstreamError::Refused { address, source };
        let stream = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(address))
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .and_then(|stream| stream.set_nodelay(true).map(|()| stream))
            .map_err(refused)?;
        let (sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|source| UpstreamError::Broken { address, source })?;
        // It ends with the sender, or with the app; whoever waits for an answer is told by the sender.
        tokio::spawn(connection);
        Ok(Self { address, sender })
    }
}
