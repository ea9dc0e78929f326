//! The HTTP client of the command line: one for a server on the network, a server on this machine and
//! the engine in this process, which all speak the same API.
//!
//! Paths and answers are typed per concern in the submodules; this file knows addresses, tokens and
//! problems.

mod access;
pub mod address;
mod app_logs;
mod deployments;
mod error;
pub mod follow;
mod grants;
mod plugins;
mod projects;
mod servers;
pub mod sse;
mod targets;
mod zones;
#[cfg(test)]
pub(crate) mod tests;

pub use access::Session;
pub use address::ServerAddress;
pub use app_logs::AppLogFilter;
pub use deployments::{DeploymentFilter, LogFilter, ReplayFilter};
pub use error::ClientError;

use bytes::Bytes;
use reqwest::{Method, RequestBuilder, Response, Url, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;
use std::time::Duration;
use windlass_api_types::Problem;

/// A server that takes longer to accept a connection is as good as gone.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Ordinary answers come in milliseconds; a target check may wait 30 s for SSH to connect.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(90);
/// A plan performs what only reads, on every target: commands and health probes among it.
const PLAN_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// A replay computes what every stage run computed, and compiles a plugin that is sent along.
const REPLAY_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// An error answer that is no problem document is quoted up to here, in characters.
const QUOTED_BODY: usize = 200;

/// A connection to one server. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    /// Ends with a slash.
    base: Url,
    token: Option<String>,
    /// How messages name the server.
    place: String,
}

impl Client {
    /// A server on the network; `token` is sent as a bearer token.
    pub fn remote(address: &ServerAddress, token: Option<String>) -> Result<Self, ClientError> {
        install_tls_provider();
        let place = address.to_string();
        Ok(Self { http: build(reqwest::Client::builder(), &place)?, base: address.url().clone(), token, place })
    }

    /// A server on this machine, through its unix socket; it takes whoever may open the socket for its owner.
    pub fn local(socket: &Path) -> Result<Self, ClientError> {
        install_tls_provider();
        let place = socket.display().to_string();
        // Nothing is encrypted on the socket: no certificates are read for it.
        let tls = rustls::ClientConfig::builder()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let builder = reqwest::Client::builder().unix_socket(socket).tls_backend_preconfigured(tls);
        let base = Url::parse("http://localhost/").expect("a constant URL");
        Ok(Self { http: build(builder, &place)?, base, token: None, place })
    }

    /// How messages name the server: its address, or the path of its socket.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// A path of the API; segments are escaped, so that `shop#41` is one.
    fn url(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .expect("a server's address is http or https")
            .pop_if_empty()
            .extend(["api", "v1"])
            .extend(segments);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    fn request(&self, method: Method, url: Url) -> RequestBuilder {
        let request = self.http.request(method, url).timeout(REQUEST_TIMEOUT);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn get<T: DeserializeOwned>(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<T, ClientError> {
        self.json(self.request(Method::GET, self.url(segments, query))).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        segments: &[&str],
        body: &(impl Serialize + Sync),
    ) -> Result<T, ClientError> {
        self.json(self.request(method, self.url(segments, &[])).json(body)).await
    }

    async fn delete(&self, segments: &[&str]) -> Result<(), ClientError> {
        self.answer(self.request(Method::DELETE, self.url(segments, &[]))).await.map(drop)
    }

    async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ClientError> {
        let response = self.answer(request).await?;
        let body = response.bytes().await.map_err(|error| self.lost(&error))?;
        self.parse(&body)
    }

    fn parse<T: DeserializeOwned>(&self, body: &Bytes) -> Result<T, ClientError> {
        serde_json::from_slice(body)
            .map_err(|error| ClientError::Malformed { place: self.place.clone(), reason: error.to_string() })
    }

    /// Sends a request; an error status becomes the problem it carries.
    async fn answer(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let response = request.send().await.map_err(|error| self.lost(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let body = response.bytes().await.unwrap_or_default();
        match serde_json::from_slice::<Problem>(&body) {
            Ok(problem) => Err(ClientError::Problem(Box::new(problem))),
            Err(_) => Err(ClientError::Foreign {
                place: self.place.clone(),
                status: status.as_u16(),
                body: String::from_utf8_lossy(&body).trim().chars().take(QUOTED_BODY).collect(),
            }),
        }
    }

    fn lost(&self, error: &reqwest::Error) -> ClientError {
        ClientError::Unreachable { place: self.place.clone(), reason: innermost(error) }
    }
}

fn build(builder: reqwest::ClientBuilder, place: &str) -> Result<reqwest::Client, ClientError> {
    let mut headers = header::HeaderMap::new();
    headers.insert(header::ACCEPT, header::HeaderValue::from_static("application/json"));
    builder
        .connect_timeout(CONNECT_TIMEOUT)
        .default_headers(headers)
        .user_agent(concat!("windlass/", env!("CARGO_PKG_VERSION")))
        // A redirect would carry the token to an address that nobody configured.
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| ClientError::Unreachable { place: place.to_owned(), reason: innermost(&error) })
}

/// TLS needs one provider of ciphers in a process; a second call finds it there.
fn install_tls_provider() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The cause at the bottom, such as `Connection refused (os error 111)`: what is above it only repeats the URL.
fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".into();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
