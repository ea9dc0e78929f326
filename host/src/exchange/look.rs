//! One look at whether something answers HTTP as it should.

use super::{Tls, exchange};
use bytes::Bytes;
use http::{Request, header};
use http_body_util::Full;
use tokio::io::{AsyncRead, AsyncWrite};

/// How much of a body is searched for a text.
const SEARCHED: usize = 64 * 1024;

/// A GET request, and what answer is healthy.
#[derive(Clone, Debug)]
pub struct HttpLook {
    pub host: String,
    pub port: u16,
    pub path: String,
    /// The statuses that are healthy; empty: 200 to 299.
    pub statuses: Vec<u16>,
    pub headers: Vec<(String, String)>,
    /// A text that a healthy body contains.
    pub contains: Option<String>,
    /// Over TLS, to a server of this name.
    pub tls: Option<(Tls, String)>,
}

impl HttpLook {
    /// Looks over an open connection. Answers whether it is healthy, and what was seen; an error is why nothing was.
    pub async fn at<S>(&self, stream: S) -> Result<(bool, String), String>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let request = self.request()?;
        let most = if self.contains.is_some() { SEARCHED } else { 0 };
        let answer = match &self.tls {
            Some((tls, server)) => exchange(tls.connect(stream, server).await?, request, most).await?,
            None => exchange(stream, request, most).await?,
        };
        let status = answer.status.as_u16();
        let right = if self.statuses.is_empty() { answer.status.is_success() } else { self.statuses.contains(&status) };
        match self.contains.as_ref().filter(|_| right) {
            Some(text) if !contains(&answer.body, text.as_bytes()) => {
                Ok((false, format!("{status}, but its body does not contain `{text}`")))
            }
            _ => Ok((right, status.to_string())),
        }
    }

    /// The request; an error says what of it cannot be sent.
    pub fn request(&self) -> Result<Request<Full<Bytes>>, String> {
        let invalid = |error: http::Error| format!("this is no HTTP request: {error}");
        let mut request = Request::get(&self.path).body(Full::default()).map_err(invalid)?;
        let host = authority(&self.host, self.port);
        for (name, value) in [("host", &host)].into_iter().chain(self.headers.iter().map(|(n, v)| (n.as_str(), v))) {
            let name = header::HeaderName::from_bytes(name.as_bytes()).map_err(|error| invalid(error.into()))?;
            let value = header::HeaderValue::from_str(value).map_err(|error| invalid(error.into()))?;
            match name {
                // A probe may ask for one of several sites of a server.
                header::HOST => drop(request.headers_mut().insert(name, value)),
                name => drop(request.headers_mut().append(name, value)),
            }
        }
        Ok(request)
    }

    /// What is tried, short: the target's own address goes without saying.
    pub fn describe(&self) -> String {
        let Self { host, port, path, .. } = self;
        match (&self.tls, host.as_str()) {
            (Some(_), _) => format!("GET https://{}{path}", authority(host, *port)),
            (None, "127.0.0.1" | "localhost" | "::1") => format!("GET :{port}{path}"),
            (None, _) => format!("GET {}{path}", authority(host, *port)),
        }
    }
}

fn contains(body: &[u8], text: &[u8]) -> bool {
    text.is_empty() || body.windows(text.len()).any(|window| window == text)
}

/// Host and port as URLs write them.
pub fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}
