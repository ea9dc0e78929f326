//! Between the HTTP types of the contract and those of the SDK.

use super::calls::millis;
use super::convert::segments;
use super::windlass::http::http as wire;
use crate::http;

impl From<http::Request> for wire::Request {
    fn from(request: http::Request) -> Self {
        Self {
            method: request.method.into(),
            url: segments(&request.url),
            headers: request.headers.iter().map(|(name, value)| (name.clone(), segments(value))).collect(),
            body: segments(&request.body),
            timeout_ms: request.timeout.map(millis),
            max_response_bytes: request.max_response_bytes,
            retries: request.retries,
            idempotency_key: request.idempotency_key,
            reads: request.reads,
            sigv4: request.sigv4.map(|sigv4| wire::Sigv4 {
                access_key: segments(&sigv4.access_key),
                secret_key: segments(&sigv4.secret_key),
                service: sigv4.service,
                region: sigv4.region,
            }),
            capture: request.capture.map(|capture| wire::Capture { pointer: capture.pointer, secret: capture.secret }),
            assume: request.assume.map(Into::into),
        }
    }
}

impl From<http::Method> for wire::Method {
    fn from(method: http::Method) -> Self {
        match method {
            http::Method::Get => Self::Get,
            http::Method::Head => Self::Head,
            http::Method::Options => Self::Options,
            http::Method::Put => Self::Put,
            http::Method::Delete => Self::Delete,
            http::Method::Post => Self::Post,
            http::Method::Patch => Self::Patch,
        }
    }
}

impl From<http::Response> for wire::Response {
    fn from(response: http::Response) -> Self {
        let http::Response { status, headers, body, truncated, .. } = response;
        Self { status, headers, body, truncated }
    }
}

impl From<wire::Response> for http::Response {
    fn from(response: wire::Response) -> Self {
        let wire::Response { status, headers, body, truncated } = response;
        let mut answer = Self::new(status, body);
        answer.headers = headers;
        answer.truncated = truncated;
        answer
    }
}
