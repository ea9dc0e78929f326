//! Requests to an engine, each over a channel of its own: one takes less than a millisecond to open.

use super::diagnosis::{self, Way};
use super::{EngineError, SOCKET};
use crate::ssh::{Complaint, Connection};
use bollard::BollardRequest;
use bollard::errors::Error;
use http::{HeaderValue, Response, header::HOST};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use std::fmt;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

/// The command that connects its standard input and output with the engine.
const DIAL: &str = "docker system dial-stdio";

/// The ways to a target's engine. Cheap to clone.
#[derive(Clone)]
pub(super) struct Transport {
    connection: Connection,
    cancel: CancellationToken,
    /// The way round a socket that cannot be opened, once that is known.
    round: Arc<OnceCell<Way>>,
}

/// An [`EngineError`] on its way through the client.
#[derive(Debug)]
pub(super) struct Carried(pub(super) EngineError);

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            EngineError::Ssh(error) => error.fmt(f),
            EngineError::Engine(failure) => f.write_str(&failure.message),
        }
    }
}

impl std::error::Error for Carried {}

impl Transport {
    pub(super) fn new(connection: Connection, cancel: CancellationToken) -> Self {
        Self { connection, cancel, round: Arc::default() }
    }

    /// Sends a request and answers the head of its response.
    pub(super) async fn request(self, request: BollardRequest) -> Result<Response<Incoming>, Error> {
        if self.round.get().is_none()
            && let Some(socket) = self.connection.open_unix(SOCKET).await.map_err(carry)?
        {
            return exchange(socket, request).await;
        }
        // Any other reason than a command that takes the place of the socket ends here.
        let diagnose = || diagnosis::why_no_socket(&self.connection, &self.cancel);
        let way = self.round.get_or_try_init(diagnose).await.map_err(carry)?;
        let Way::Command = way;
        let (pipe, complaint) = self.connection.open_pipe(DIAL).await.map_err(carry)?;
        let answer = exchange(pipe, request).await;
        answer.map_err(|error| self.command_failed(&complaint, error))
    }

    fn command_failed(&self, complaint: &Complaint, error: Error) -> Error {
        match complaint.text() {
            said if said.is_empty() => error,
            said => carry(diagnosis::command_failed(&self.connection, &said)),
        }
    }
}

fn carry(error: impl Into<EngineError>) -> Error {
    Error::IOError { err: std::io::Error::other(Carried(error.into())) }
}

/// One request over one stream, which lives as long as the response, or what it was upgraded to.
async fn exchange<S>(stream: S, mut request: BollardRequest) -> Result<Response<Incoming>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection.with_upgrades());
    // A connection takes a path, and wants to be told the host apart.
    let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str).parse();
    *request.uri_mut() = path?;
    request.headers_mut().insert(HOST, HeaderValue::from_static("docker"));
    Ok(sender.send_request(request).await?)
}
