//! Between the contract's types and the journal's.

use super::{Bytes, Capture, Method, Response, Send, Sigv4, segment, wit};
use crate::capability::Journal;

impl Send {
    pub(super) fn from_wit(request: wit::Request, journal: &Journal) -> Self {
        let headers = request.headers.into_iter();
        Self {
            method: request.method.into(),
            url: segment::list(request.url, journal),
            headers: headers.map(|(name, value)| (name, segment::list(value, journal))).collect(),
            body: segment::list(request.body, journal),
            timeout_ms: request.timeout_ms,
            max_response_bytes: request.max_response_bytes,
            retries: request.retries,
            idempotency_key: request.idempotency_key,
            reads: request.reads,
            sigv4: request.sigv4.map(|sigv4| Sigv4 {
                service: sigv4.service,
                region: sigv4.region,
                access_key: segment::list(sigv4.access_key, journal),
                secret_key: segment::list(sigv4.secret_key, journal),
            }),
            capture: request.capture.map(|capture| Capture { pointer: capture.pointer, secret: capture.secret }),
            assume: request.assume.map(Response::from),
        }
    }
}

impl Method {
    pub(super) fn as_str(self) -> &'static str {
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

impl From<wit::Method> for Method {
    fn from(method: wit::Method) -> Self {
        match method {
            wit::Method::Get => Self::Get,
            wit::Method::Head => Self::Head,
            wit::Method::Options => Self::Options,
            wit::Method::Put => Self::Put,
            wit::Method::Delete => Self::Delete,
            wit::Method::Post => Self::Post,
            wit::Method::Patch => Self::Patch,
        }
    }
}

impl From<Response> for wit::Response {
    fn from(response: Response) -> Self {
        let Response { status, headers, body, truncated } = response;
        Self { status, headers, body: body.0, truncated }
    }
}

impl From<wit::Response> for Response {
    fn from(response: wit::Response) -> Self {
        let wit::Response { status, headers, body, truncated } = response;
        Self { status, headers, body: Bytes(body), truncated }
    }
}
