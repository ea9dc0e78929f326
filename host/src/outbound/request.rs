//! What is to be sent.

use super::sigv4::Signature;
use super::{Endpoint, OutboundError};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, header};
use std::time::Duration;
use url::Url;

/// Headers that are the host's alone: they say where a request goes and where its body ends.
const RESERVED: &[HeaderName] = &[
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::EXPECT,
    header::PROXY_AUTHORIZATION,
];

/// A request to the outside.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    pub url: Url,
    pub headers: Vec<Header>,
    pub body: Bytes,
    /// Whether the body holds a secret: then no redirect takes it to another place.
    pub secret_body: bool,
    /// What an attempt may take, redirects included.
    pub timeout: Duration,
    /// How much of the answer's body is read, in bytes.
    pub most: usize,
    /// Further attempts after one without an answer, or with 429, 502, 503 or 504.
    pub retries: u32,
    pub signature: Option<Signature>,
}

impl Request {
    /// Where it goes first.
    pub fn endpoint(&self) -> Result<Endpoint, OutboundError> {
        Endpoint::of(&self.url).ok_or_else(|| OutboundError::InvalidRequest("the URL has no host".into()))
    }
}

/// A header of a request.
#[derive(Clone, Debug)]
pub struct Header {
    pub(super) name: HeaderName,
    pub(super) value: HeaderValue,
    /// Stays with the origin that the request is for.
    pub(super) private: bool,
}

impl Header {
    /// A header; one that holds a secret or is a credential by its name is not sent to where a redirect leads.
    ///
    /// # Errors
    /// A name that is none or is the host's own; a value with control characters.
    pub fn new(name: &str, value: &str, secret: bool) -> Result<Self, OutboundError> {
        let refused = |reason: String| OutboundError::InvalidRequest(reason);
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| refused(format!("`{}` cannot be the name of a header", name.escape_debug())))?;
        if RESERVED.contains(&name) || name.as_str() == "proxy-connection" || name.as_str() == "keep-alive" {
            return Err(refused(format!("the header `{name}` is written by the server itself")));
        }
        let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
            refused(format!("the value of the header `{name}` holds a line break or another control character"))
        })?;
        let private = secret || [header::AUTHORIZATION, header::COOKIE].contains(&name);
        value.set_sensitive(private);
        Ok(Self { name, value, private })
    }
}

/// Reads a URL that requests may have. Its text is in no error.
///
/// # Errors
/// No URL, another scheme than `http` and `https`, credentials in it, no host.
pub fn parse_url(text: &str) -> Result<Url, OutboundError> {
    let refused = |reason: String| OutboundError::InvalidRequest(reason);
    if text.chars().any(|character| character.is_control() || character.is_whitespace()) {
        return Err(refused("the URL holds a space or a control character".into()));
    }
    let url = Url::parse(text).map_err(|error| refused(format!("the URL cannot be read: {error}")))?;
    check_url(&url).map_err(|reason| refused(format!("the URL {reason}")))?;
    Ok(url)
}

/// What is wrong with a URL.
pub(super) fn check_url(url: &Url) -> Result<(), String> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("has the scheme `{}`; only http and https are spoken", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("has a user name or password in it; put them into the header `Authorization`".into());
    }
    match url.host_str().is_some_and(|host| !host.is_empty()) {
        true => Ok(()),
        false => Err("has no host".into()),
    }
}
