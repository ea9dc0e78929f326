//! Sending a request: attempts, redirects, exchanges.

use super::redirect::{Hop, MOST_REDIRECTS};
use super::request::Request;
use super::{Allowed, Endpoint, Outbound, OutboundError};
use crate::exchange::{Answer, exchange};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use http_body_util::Full;
use std::time::{Duration, SystemTime};
use tokio_util::sync::CancellationToken;
use url::Position;

/// Waits between attempts double from here …
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// … to here.
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// Answers of a server, or of what stands before it, that may be another one soon.
const PASSING: [StatusCode; 4] = [
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::BAD_GATEWAY,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::GATEWAY_TIMEOUT,
];

impl Outbound {
    /// Sends a request as often as it may be, and follows its redirects.
    pub async fn send(
        &self,
        request: &Request,
        allowed: &Allowed,
        cancel: &CancellationToken,
    ) -> Result<Answer, OutboundError> {
        let mut wait = FIRST_WAIT;
        let mut left = request.retries;
        loop {
            let attempt = tokio::select! {
                attempt = self.attempt(request, allowed) => attempt,
                () = cancel.cancelled() => return Err(OutboundError::Canceled),
            };
            let again = match &attempt {
                Ok(answer) => PASSING.contains(&answer.status),
                Err(error) => error.retryable(),
            };
            if !again || left == 0 {
                return attempt;
            }
            left -= 1;
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = cancel.cancelled() => return Err(OutboundError::Canceled),
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    async fn attempt(&self, request: &Request, allowed: &Allowed) -> Result<Answer, OutboundError> {
        let host = endpoint(&request.url)?.to_string();
        let timed_out = |_| Err(OutboundError::Timeout { host, after: request.timeout });
        tokio::time::timeout(request.timeout, self.follow(request, allowed)).await.unwrap_or_else(timed_out)
    }

    async fn follow(&self, request: &Request, allowed: &Allowed) -> Result<Answer, OutboundError> {
        let mut hop = Hop::first(request);
        let mut answer = self.hop(request, &hop, allowed).await?;
        for _ in 0..MOST_REDIRECTS {
            let Some(next) = hop.after(&answer, request)? else { return Ok(answer) };
            let from = endpoint(&hop.url)?.to_string();
            answer = self.hop(request, &next, allowed).await.map_err(|error| error.redirected_by(&from))?;
            hop = next;
        }
        match hop.after(&answer, request)? {
            None => Ok(answer),
            Some(_) => {
                let host = endpoint(&request.url)?.to_string();
                Err(OutboundError::TooManyRedirects { host, most: MOST_REDIRECTS })
            }
        }
    }

    /// One exchange, over a connection of its own.
    async fn hop(&self, request: &Request, hop: &Hop, allowed: &Allowed) -> Result<Answer, OutboundError> {
        let endpoint = endpoint(&hop.url)?;
        let host = endpoint.to_string();
        let wire = wire(request, hop)?;
        let stream = self.connect(&endpoint, allowed).await?;
        let answered = match hop.url.scheme() {
            "https" => {
                let tls = self.inner.tls.connect(stream, &endpoint.host()).await;
                let stream = tls.map_err(|reason| OutboundError::Tls { host: host.clone(), reason })?;
                exchange(stream, wire, request.most).await
            }
            _ => exchange(stream, wire, request.most).await,
        };
        answered.map_err(|reason| OutboundError::NoAnswer { host, reason })
    }
}

/// Where a URL leads.
fn endpoint(url: &url::Url) -> Result<Endpoint, OutboundError> {
    Endpoint::of(url).ok_or_else(|| OutboundError::InvalidRequest("the URL has no host".into()))
}

/// The request as it goes over the wire.
fn wire(request: &Request, hop: &Hop) -> Result<http::Request<Full<Bytes>>, OutboundError> {
    let refused = |reason: String| OutboundError::InvalidRequest(format!("this is no HTTP request: {reason}"));
    let target = &hop.url[Position::BeforePath..Position::AfterQuery];
    // As URLs write it: without the port that is the scheme's own.
    let authority = &hop.url[Position::BeforeHost..Position::AfterPort];
    let mut wire = http::Request::builder()
        .method(hop.method.clone())
        .uri(target)
        .header(header::HOST, authority)
        .body(Full::new(hop.body.clone()))
        .map_err(|error| refused(error.to_string()))?;
    let headers = wire.headers_mut();
    for header in request.headers.iter().filter(|header| hop.home || !header.private) {
        let of_body = [header::CONTENT_TYPE, header::CONTENT_ENCODING].contains(&header.name);
        // A redirect that made it a GET took its body away.
        if !(of_body && hop.method != request.method) {
            headers.append(header.name.clone(), header.value.clone());
        }
    }
    let agent = HeaderValue::from_static(concat!("windlass/", env!("CARGO_PKG_VERSION")));
    headers.entry(header::USER_AGENT).or_insert(agent);
    if let Some(signature) = request.signature.as_ref().filter(|_| hop.home) {
        signature.sign(&mut wire, &hop.url, &hop.body, SystemTime::now())?;
    }
    Ok(wire)
}
