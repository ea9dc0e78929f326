//! Where a request goes after a redirect, and what it no longer carries there.

use super::request::{Request, check_url};
use super::{Endpoint, OutboundError};
use crate::exchange::Answer;
use bytes::Bytes;
use http::{Method, StatusCode, header};
use url::Url;

/// Redirects of one request; more is a loop.
pub(super) const MOST_REDIRECTS: usize = 5;

/// One request of those that redirects make of the first.
#[derive(Clone, Debug)]
pub(super) struct Hop {
    pub(super) url: Url,
    pub(super) method: Method,
    pub(super) body: Bytes,
    /// Whether all requests so far went to the first one's origin: then private headers are sent.
    pub(super) home: bool,
}

impl Hop {
    pub(super) fn first(request: &Request) -> Self {
        let Request { url, method, body, .. } = request.clone();
        Self { url, method, body, home: true }
    }

    /// The request that an answer asks for; none where it is no redirect.
    pub(super) fn after(&self, answer: &Answer, request: &Request) -> Result<Option<Self>, OutboundError> {
        let Some(location) = location(answer) else { return Ok(None) };
        let from = Endpoint::of(&self.url).map(|endpoint| endpoint.to_string()).unwrap_or_default();
        let refused = |reason: String| OutboundError::BadRedirect { host: from.clone(), reason };
        let location = location.map_err(|()| refused("the header `location` is not text".into()))?;
        let url = match self.url.join(location) {
            Ok(url) => url,
            Err(error) => return Err(refused(format!("the URL cannot be read: {error}"))),
        };
        if let Err(reason) = check_url(&url) {
            return Err(refused(format!("the URL {reason}")));
        }
        let home = self.home && url.origin() == self.url.origin();
        let get = match answer.status {
            StatusCode::SEE_OTHER => self.method != Method::HEAD,
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => self.method == Method::POST,
            _ => false,
        };
        if get {
            return Ok(Some(Self { url, method: Method::GET, body: Bytes::new(), home }));
        }
        if !home && request.secret_body && !self.body.is_empty() {
            return Err(refused("it would take a body with secrets to another origin".into()));
        }
        Ok(Some(Self { url, home, ..self.clone() }))
    }
}

fn location(answer: &Answer) -> Option<Result<&str, ()>> {
    let redirects = [
        StatusCode::MOVED_PERMANENTLY,
        StatusCode::FOUND,
        StatusCode::SEE_OTHER,
        StatusCode::TEMPORARY_REDIRECT,
        StatusCode::PERMANENT_REDIRECT,
    ];
    let location = answer.headers.get(header::LOCATION).filter(|_| redirects.contains(&answer.status))?;
    Some(location.to_str().map_err(drop))
}
