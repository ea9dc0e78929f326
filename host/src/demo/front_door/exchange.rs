//! Requests of one client connection, each sent to where the upstream file says at that moment.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, Uri, request};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body, Incoming};
use tokio::sync::Mutex;

use super::upstream::{self, RequestBody, Upstream, UpstreamError};
use super::{headers, page};

/// How often a request is sent at most: already two switches during one request are a rare thing.
const TRIES: usize = 3;

type ResponseBody = BoxBody<Bytes, hyper::Error>;

/// One client, and the connection to the app that serves it. Each client has its own: a pool would save
/// little on loopback, and nobody's idle connection must hold up the end of the old instance.
pub(super) struct Exchange {
    upstream_file: Arc<Path>,
    client: IpAddr,
    /// The connection of the request before. HTTP/1 has one request at a time, so nobody waits here.
    kept: Mutex<Option<Upstream>>,
}

/// What became of a request that got no answer.
enum Unanswered {
    /// Nothing of it was sent: it is whole, and may go elsewhere.
    Unsent(Box<Request<RequestBody>>, UpstreamError),
    /// Some of it may have been sent.
    Lost(UpstreamError),
}

impl Exchange {
    pub(super) fn new(upstream_file: Arc<Path>, client: IpAddr) -> Self {
        Self { upstream_file, client, kept: Mutex::new(None) }
    }

    /// The app's answer, or a page that says why there is none.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<ResponseBody> {
        match self.forward(request).await {
            Ok(response) => {
                let (mut parts, body) = response.into_parts();
                headers::remove_hop_by_hop(&mut parts.headers);
                Response::from_parts(parts, body.boxed())
            }
            Err(error) => {
                tracing::info!("a request was not served: {error}");
                page::unserved(&error)
            }
        }
    }

    async fn forward(&self, request: Request<Incoming>) -> Result<Response<Incoming>, UpstreamError> {
        let mut request = outgoing(request, self.client);
        let mut kept = self.kept.lock().await;
        let mut address = upstream::read(&self.upstream_file)?;
        let mut tries = 0;
        loop {
            // A connection to where requests no longer go is closed here, at the latest.
            let reused = kept.take().filter(|kept| kept.address == address);
            let was_reused = reused.is_some();
            let copy = repeatable(&request);
            let (again, error) = match self.send(request, address, reused, &mut kept).await {
                Ok(response) => return Ok(response),
                Err(Unanswered::Unsent(request, error)) => (Some(*request), error),
                Err(Unanswered::Lost(error)) => (copy, error),
            };
            tries += 1;
            let next = upstream::read(&self.upstream_file)?;
            // An idle connection that the app closed while the request was on its way (RFC 9110, 9.2.2), or an
            // instance that ended since the file was read. A new connection to the same one would end alike.
            let may_succeed = was_reused || next != address;
            match again {
                Some(again) if may_succeed && tries < TRIES => (request, address) = (again, next),
                _ => return Err(error),
            }
            tracing::debug!("a request is sent again: {error}");
        }
    }

    /// Sends a request over `reused`, or over a new connection, which is kept for the next one.
    async fn send(
        &self,
        request: Request<RequestBody>,
        address: std::net::SocketAddr,
        reused: Option<Upstream>,
        kept: &mut Option<Upstream>,
    ) -> Result<Response<Incoming>, Unanswered> {
        let mut upstream = match reused {
            Some(reused) => reused,
            None => match Upstream::connect(address).await {
                Ok(upstream) => upstream,
                Err(error) => return Err(Unanswered::Unsent(Box::new(request), error)),
            },
        };
        if let Err(source) = upstream.sender.ready().await {
            return Err(Unanswered::Unsent(Box::new(request), UpstreamError::Broken { address, source }));
        }
        match upstream.sender.try_send_request(request).await {
            Ok(response) => {
                *kept = Some(upstream);
                Ok(response)
            }
            Err(mut error) => {
                let request = error.take_message();
                let error = UpstreamError::Broken { address, source: error.into_error() };
                Err(match request {
                    Some(request) => Unanswered::Unsent(Box::new(request), error),
                    None => Unanswered::Lost(error),
                })
            }
        }
    }
}

/// The request as the app is to see it.
fn outgoing(request: Request<Incoming>, client: IpAddr) -> Request<RequestBody> {
    let (mut parts, body) = request.into_parts();
    headers::remove_hop_by_hop(&mut parts.headers);
    headers::add_forwarded(&mut parts.headers, client);
    parts.version = http::Version::HTTP_11;
    // Clients that take the front door for a proxy name the whole URL.
    if let Some(path) = parts.uri.path_and_query().cloned() {
        parts.uri = Uri::from(path);
    }
    Request::from_parts(parts, body.boxed())
}

/// The same request once more, where sending it twice does no harm.
fn repeatable(request: &Request<RequestBody>) -> Option<Request<RequestBody>> {
    let harmless = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !harmless || !request.body().is_end_stream() {
        return None;
    }
    let mut copy = request::Request::new(Empty::new().map_err(|never| match never {}).boxed());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    Some(copy)
}
