//! HTTP requests from the server to the outside. Hosts must be granted to the plugin.
//!
//! ```no_run
//! # fn main() -> windlass_sdk::Result<()> {
//! use windlass_sdk::{Text, http};
//!
//! let url = Text::from("https://hooks.example.com/").and(Text::secret("HOOK_TOKEN"));
//! http::post(url).json(&serde_json::json!({ "text": "deployed" })).send()?.success()?;
//! # Ok(())
//! # }
//! ```

use crate::{Error, Result, Text, host};
use std::borrow::Cow;
use std::time::Duration;

/// How much of an answer's body is kept unless [`Builder::max_response`] says otherwise, in bytes.
pub const DEFAULT_RESPONSE_BYTES: u32 = 64 * 1024;

/// How much of a body an error quotes, in characters.
const QUOTED: usize = 200;

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are HTTP's")]
pub enum Method {
    Get,
    Head,
    Options,
    Put,
    Delete,
    Post,
    Patch,
}

impl Method {
    /// As HTTP writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Post => "POST",
            Self::Patch => "PATCH",
        }
    }
}

/// AWS Signature Version 4; the host signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sigv4 {
    /// Such as `s3`.
    pub service: String,
    /// Such as `eu-central-1`.
    pub region: String,
    /// The access key's id.
    pub access_key: Text,
    /// The secret access key.
    pub secret_key: Text,
}

/// Puts a field of the answer into a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// A JSON pointer to a string in the answer, such as `/data/token`.
    pub pointer: String,
    /// The secret whose newest version it becomes.
    pub secret: String,
}

/// A request, as the host gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// With the scheme `http` or `https`.
    pub url: Text,
    /// Headers; those that hold a secret do not follow a redirect to another origin.
    pub headers: Vec<(String, Text)>,
    /// At most 1 MiB.
    pub body: Text,
    /// What an attempt may take; absent: 30 s.
    pub timeout: Option<Duration>,
    /// How many bytes of the answer's body are kept.
    pub max_response_bytes: u32,
    /// Further attempts after one without an answer, or with the status 429, 502, 503 or 504.
    pub retries: u32,
    /// Sends the header `idempotency-key`: a POST or PATCH may then be repeated.
    pub idempotency_key: bool,
    /// It only reads, whatever its method is.
    pub reads: bool,
    /// How it is signed.
    pub sigv4: Option<Sigv4>,
    /// What of the answer becomes a secret.
    pub capture: Option<Capture>,
    /// The answer in a dry run; absent: status 200 and no body.
    pub assume: Option<Response>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status, such as 200.
    pub status: u16,
    /// Headers, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; values of secrets in it are masked.
    pub body: Vec<u8>,
    /// Whether the body was longer.
    pub truncated: bool,
    /// What errors call the request.
    what: String,
}

impl Response {
    /// An answer for tests and dry runs.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), truncated: false, what: String::new() }
    }

    /// A header by its name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    /// `failed` with the code `bad-json`.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// This answer, if its status is 200 to 299.
    ///
    /// # Errors
    /// `failed` with the code `http-status`, which quotes the beginning of the body; retryable for 429 and 500 to 599.
    pub fn success(self) -> Result<Self> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        let text = self.text();
        let quoted: String = text.trim().chars().take(QUOTED).collect();
        let quoted = if quoted.is_empty() { quoted } else { format!("\n  {quoted}") };
        let what = if self.what.is_empty() { "the request" } else { &self.what };
        let error = Error::failed(format!("{what} was answered with {}{quoted}", self.status)).code("http-status");
        Err(if self.status == 429 || self.status >= 500 { error.retryable() } else { error })
    }

    pub(crate) fn describe(mut self, what: String) -> Self {
        self.what = what;
        self
    }
}

/// A request that is being put together; [`send`](Builder::send) sends it.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent until `send` is called"]
pub struct Builder(Request);

/// A request with any method.
pub fn request(method: Method, url: impl Into<Text>) -> Builder {
    Builder(Request {
        method,
        url: url.into(),
        headers: Vec::new(),
        body: Text::default(),
        timeout: None,
        max_response_bytes: DEFAULT_RESPONSE_BYTES,
        retries: 0,
        idempotency_key: false,
        reads: false,
        sigv4: None,
        capture: None,
        assume: None,
    })
}

/// A GET request: performed in a dry run too.
pub fn get(url: impl Into<Text>) -> Builder {
    request(Method::Get, url)
}

/// A PUT request: may be repeated.
pub fn put(url: impl Into<Text>) -> Builder {
    request(Method::Put, url)
}

/// A DELETE request: may be repeated.
pub fn delete(url: impl Into<Text>) -> Builder {
    request(Method::Delete, url)
}

/// A POST request: sent once, unless it has an [`idempotency_key`](Builder::idempotency_key).
pub fn post(url: impl Into<Text>) -> Builder {
    request(Method::Post, url)
}

impl Builder {
    /// A header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Text>) -> Self {
        self.0.headers.push((name.into(), value.into()));
        self
    }

    /// The body.
    pub fn body(mut self, body: impl Into<Text>) -> Self {
        self.0.body = body.into();
        self
    }

    /// A body of JSON, and its `content-type`.
    pub fn json(self, value: &serde_json::Value) -> Self {
        self.header("content-type", "application/json").body(value.to_string())
    }

    /// What an attempt may take; 30 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.0.timeout = Some(timeout);
        self
    }

    /// How many bytes of the answer's body are kept; at most 4 MiB.
    pub fn max_response(mut self, bytes: u32) -> Self {
        self.0.max_response_bytes = bytes;
        self
    }

    /// Further attempts; at most 10, and only for what may be repeated.
    pub fn retries(mut self, retries: u32) -> Self {
        self.0.retries = retries;
        self
    }

    /// The server knows the header `idempotency-key`: it may be sent again.
    pub fn idempotency_key(mut self) -> Self {
        self.0.idempotency_key = true;
        self
    }

    /// It only reads, whatever its method is: it is performed in a dry run too.
    pub fn reads(mut self) -> Self {
        self.0.reads = true;
        self
    }

    /// Signs it, for AWS and what speaks like it.
    pub fn sigv4(mut self, sigv4: Sigv4) -> Self {
        self.0.sigv4 = Some(sigv4);
        self
    }

    /// Puts a text of the JSON answer into a secret, whose newest version it becomes.
    pub fn capture(mut self, pointer: impl Into<String>, secret: impl Into<String>) -> Self {
        self.0.capture = Some(Capture { pointer: pointer.into(), secret: secret.into() });
        self
    }

    /// The answer in a dry run.
    pub fn assume(mut self, response: Response) -> Self {
        self.0.assume = Some(response);
        self
    }

    /// Sends it and waits for the answer. A status other than 2xx is an answer, not an error: see
    /// [`Response::success`].
    ///
    /// # Errors
    /// `denied`, `invalid-input`, `unreachable`, `timeout`, `canceled`, `outcome-unknown`, `failed` with the code
    /// `capture`.
    pub fn send(self) -> Result<Response> {
        let what = format!("{} {}", self.0.method.as_str(), self.0.url);
        Ok(host::send_http(self.0)?.describe(what))
    }
}
