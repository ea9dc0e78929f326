//! What the providers with an HTTP interface share.

use super::{DnsError, DnsName, TIMEOUT};
use reqwest::{Client, RequestBuilder, StatusCode, Url};
use serde::de::DeserializeOwned;

pub(super) const NOT_FOUND: StatusCode = StatusCode::NOT_FOUND;
/// A longer message of a provider is cut, in characters.
const QUOTED: usize = 300;

/// An answer, whatever its status.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: String,
}

/// A client that follows no redirect: it would carry the key elsewhere.
pub(super) fn client() -> Result<Client, DnsError> {
    // One provider of ciphers per process; a second call finds it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none());
    let client = client.user_agent(concat!("windlass/", env!("CARGO_PKG_VERSION")));
    client.build().map_err(|error| DnsError::Client { reason: innermost(&error) })
}

/// Checks what an operator configures.
pub(super) fn check(zone: &DnsName, url: &str, secret: &str) -> Result<(), DnsError> {
    let refused = |reason: String| Err(DnsError::BadZone { zone: zone.to_string(), reason });
    match Url::parse(url) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {}
        _ => return refused(format!("`{url}` is no http or https address")),
    }
    match secret.bytes().all(|byte| byte.is_ascii_graphic()) && !secret.is_empty() {
        true => Ok(()),
        false => refused("its key is empty, or has characters that no header can carry".into()),
    }
}

/// A URL below a base; segments are escaped.
pub(super) fn url(zone: &DnsName, base: &str, segments: &[&str], query: &[(&str, &str)]) -> Result<Url, DnsError> {
    let refused = |reason: String| DnsError::BadZone { zone: zone.to_string(), reason };
    let mut url = Url::parse(base).map_err(|error| refused(format!("`{base}`: {error}")))?;
    let path = url.path_segments_mut();
    path.map_err(|()| refused(format!("`{base}` is no http or https address")))?.pop_if_empty().extend(segments);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url)
}

/// Sends a request and reads the answer.
pub(super) async fn send(zone: &DnsName, request: RequestBuilder) -> Result<Answer, DnsError> {
    let (client, request) = request.build_split();
    let lost = |place: &str, error: &reqwest::Error| DnsError::Unreachable {
        zone: zone.to_string(),
        server: place.to_owned(),
        reason: innermost(error),
    };
    let request = request.map_err(|error| lost("the provider", &error))?;
    let place = request.url().origin().ascii_serialization();
    let response = client.execute(request).await.map_err(|error| lost(&place, &error))?;
    let status = response.status();
    let body = response.text().await.map_err(|error| lost(&place, &error))?;
    Ok(Answer { status, body })
}

impl Answer {
    /// The body of a success; else the error with `message`'s reading of it, or the body itself.
    pub(super) fn success(
        self,
        zone: &DnsName,
        provider: &'static str,
        message: impl FnOnce(&str) -> Option<String>,
    ) -> Result<String, DnsError> {
        if self.status.is_success() {
            return Ok(self.body);
        }
        let message = message(&self.body).unwrap_or_else(|| self.body.trim().to_owned());
        let message = if message.is_empty() { "nothing more".into() } else { message.chars().take(QUOTED).collect() };
        Err(DnsError::Provider { zone: zone.to_string(), provider, status: self.status.as_u16(), message })
    }
}

/// An answer of another shape than the provider's documentation says.
pub(super) fn unreadable(zone: &DnsName, provider: &'static str, error: impl std::fmt::Display) -> DnsError {
    DnsError::Answer {
        zone: zone.to_string(),
        server: provider.to_owned(),
        answer: format!("what cannot be read: {error}"),
    }
}

/// Reads JSON.
pub(super) fn json<T: DeserializeOwned>(zone: &DnsName, provider: &'static str, body: &str) -> Result<T, DnsError> {
    serde_json::from_str(body).map_err(|error| unreadable(zone, provider, error))
}

fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", TIMEOUT.as_secs());
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
