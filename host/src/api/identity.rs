//! Who a request is from: nothing but sign-in, health and static files is reached without that.

use super::{Api, problem::ApiError};
use crate::auth::Credential;
use crate::store::User;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum::{Extension, Router};
use http::{Method, StatusCode, request::Parts};
use windlass_api_types::{ErrorKind, Failure};

/// A browser's form cannot set it, so that another site's page cannot act with our cookie.
const OWN_HEADER: &str = "x-windlass";

/// The user a request is from.
#[derive(Clone)]
pub(super) struct SignedIn(pub(super) User);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(ApiError::unauthorized)
    }
}

/// Lets a request through that shows a valid credential.
pub(super) async fn require(State(api): State<Api>, mut request: Request, next: Next) -> Result<Response, ApiError> {
    let owner = request.extensions().get::<LocalSocket>().is_some();
    let credential = if owner { Credential::Owner } else { Credential::of_headers(request.headers()) };
    let user = api.auth.authorize(&credential).await?.ok_or_else(ApiError::unauthorized)?;
    request.extensions_mut().insert(SignedIn(user));
    Ok(next.run(request).await)
}

/// Refuses a change with a cookie that another site's page might have sent.
pub(super) async fn refuse_forged(request: Request, next: Next) -> Result<Response, ApiError> {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let by_cookie = matches!(Credential::of_headers(request.headers()), Credential::Session(_));
    if changes && by_cookie && !request.headers().contains_key(OWN_HEADER) {
        let failure =
            Failure::new(ErrorKind::Denied, "forged", "a change with a cookie needs the header `X-Windlass: 1`")
                .hint("programs use a token: Authorization: Bearer wl_…");
        return Err(ApiError::new(StatusCode::FORBIDDEN, failure));
    }
    Ok(next.run(request).await)
}

#[derive(Clone, Copy)]
struct LocalSocket;

/// The same routes for the local socket, which only the owner's account may open.
pub fn over_local_socket(router: Router) -> Router {
    router.layer(Extension(LocalSocket))
}
