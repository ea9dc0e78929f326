//! Errors at the edge: problem documents by RFC 9457. Internal errors reveal nothing; their id finds
//! the server's log lines.

use crate::engine::EngineError;
use crate::store::StoreError;
use crate::vault::VaultError;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use windlass_api_types::{ErrorKind, Failure, Problem};

/// Any error of a handler.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    failure: Failure,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, failure: Failure) -> Self {
        Self { status, failure }
    }

    /// Nobody is signed in.
    pub(super) fn unauthorized() -> Self {
        let failure = Failure::new(ErrorKind::Denied, "not-signed-in", "this needs a session or a token").hint(
            "in a browser: `windlass login --link` prints a one-time link; for a program: `windlass token create NAME`",
        );
        Self::new(StatusCode::UNAUTHORIZED, failure)
    }

    pub(super) fn not_found(what: &str, name: &str) -> Self {
        let code = format!("no-such-{}", what.replace(' ', "-"));
        Failure::new(ErrorKind::NotFound, code, format!("there is no {what} `{name}`")).into()
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        Self { status: status(failure.kind), failure }
    }
}

impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> Self {
        match &error {
            EngineError::Closing => Self::new(StatusCode::SERVICE_UNAVAILABLE, error.failure()),
            EngineError::Store(error) => Self::from_store(error),
            error => error.failure().into(),
        }
    }
}

impl From<VaultError> for ApiError {
    fn from(error: VaultError) -> Self {
        match &error {
            VaultError::Store(error) => Self::from_store(error),
            error => error.failure().into(),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::from_store(&error)
    }
}

impl ApiError {
    fn from_store(error: &StoreError) -> Self {
        match error.is_unavailable() {
            true => Self::new(StatusCode::SERVICE_UNAVAILABLE, error.failure()),
            false => error.failure().into(),
        }
    }
}

fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::InvalidInput => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Denied => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Unreachable => StatusCode::BAD_GATEWAY,
        ErrorKind::Timeout => StatusCode::GATEWAY_TIMEOUT,
        ErrorKind::Unsupported => StatusCode::NOT_IMPLEMENTED,
        ErrorKind::Canceled | ErrorKind::Failed => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::OutcomeUnknown | ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let internal = self.status == StatusCode::INTERNAL_SERVER_ERROR;
        let trace_id = internal.then(|| uuid::Uuid::now_v7().to_string());
        if let Some(trace_id) = &trace_id {
            tracing::error!(trace_id, failure = %self.failure, code = self.failure.code, "a request failed");
        }
        let failure = if internal { hidden() } else { self.failure };
        let problem = Problem {
            type_: "about:blank".into(),
            title: self.status.canonical_reason().unwrap_or_default().into(),
            status: self.status.as_u16(),
            detail: failure.message,
            code: failure.code,
            hint: failure.hint,
            trace_id,
        };
        let mut response = (self.status, axum::Json(problem)).into_response();
        let content_type = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
        response
    }
}

fn hidden() -> Failure {
    Failure::new(ErrorKind::Internal, "internal", "the server met an error of its own")
        .hint("the server's log has the lines with this trace_id")
}
