//! One HTTP/1.1 request on an open connection, with or without TLS. Who may talk to whom is decided before.

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::task::AbortOnDropHandle;

mod look;
mod tls;

pub use look::{HttpLook, authority};
pub use tls::{CaError, Tls};

/// What the head of an answer may have: more is no answer to a deploy tool.
const LARGEST_HEAD: usize = 64 * 1024;

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Its beginning, as far as was asked for.
    pub body: Vec<u8>,
    /// Whether there was more of the body.
    pub truncated: bool,
}

/// Sends a request and reads the answer, at most `most` bytes of its body. An error is a reason, in the middle
/// of a sentence.
pub async fn exchange<S>(stream: S, request: Request<Full<Bytes>>, most: usize) -> Result<Answer, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder.max_buf_size(LARGEST_HEAD);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(|error| reason(&error))?;
    // It ends with this exchange.
    let _driver = AbortOnDropHandle::new(tokio::spawn(connection));
    let (head, mut body) = sender.send_request(request).await.map_err(|error| reason(&error))?.into_parts();
    let mut answer = Answer { status: head.status, headers: head.headers, body: Vec::new(), truncated: false };
    while most > 0 && !answer.truncated {
        let Some(frame) = body.frame().await else { break };
        let Ok(data) = frame.map_err(|_| "the answer broke off".to_owned())?.into_data() else { continue };
        let room = most - answer.body.len();
        answer.truncated = data.len() > room;
        answer.body.extend_from_slice(&data[..data.len().min(room)]);
    }
    Ok(answer)
}

fn reason(error: &hyper::Error) -> String {
    match error.is_parse() {
        true => "the answer is not HTTP".into(),
        false => "closed without an answer".into(),
    }
}
