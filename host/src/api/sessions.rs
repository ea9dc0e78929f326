//! Signing in and out.

use super::{Api, identity::SignedIn, problem::ApiError};
use crate::auth::{Credential, SESSION_LIFETIME};
use crate::store::User;
use axum::response::{AppendHeaders, IntoResponse};
use axum::{Json, extract::State};
use http::{HeaderMap, StatusCode, header::SET_COOKIE};
use windlass_api_types::user::{Me, SignIn, SignInLink};
use windlass_api_types::{ErrorKind, Failure, Problem};

/// Exchanges the secret of a one-time link for a session cookie.
#[utoipa::path(post, path = "/session", request_body = SignIn,
    responses((status = 200, body = Me), (status = 401, body = Problem)))]
pub(super) async fn sign_in(State(api): State<Api>, Json(link): Json<SignIn>) -> Result<impl IntoResponse, ApiError> {
    let Some((session, user)) = api.auth.sign_in(&link.secret).await? else {
        let failure = Failure::new(ErrorKind::Denied, "link-used", "this sign-in link was used before, or has expired")
            .hint("get a new one: `windlass login --link`");
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, failure));
    };
    Ok((AppendHeaders([(SET_COOKIE, cookie(&session, SESSION_LIFETIME.as_secs()))]), Json(describe(user))))
}

/// Who is signed in.
#[utoipa::path(get, path = "/session", responses((status = 200, body = Me)))]
pub(super) async fn me(SignedIn(user): SignedIn) -> Json<Me> {
    Json(describe(user))
}

/// Signs out: ends the session, or the token, that the request shows.
#[utoipa::path(delete, path = "/session", responses((status = 204)))]
pub(super) async fn sign_out(State(api): State<Api>, headers: HeaderMap) -> Result<impl IntoResponse, ApiError> {
    api.auth.sign_out(&Credential::of_headers(&headers)).await?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(SET_COOKIE, cookie("", 0))])))
}

/// A new one-time link for a browser.
#[utoipa::path(post, path = "/session/links", responses((status = 200, body = SignInLink)))]
pub(super) async fn link(State(api): State<Api>, SignedIn(user): SignedIn) -> Result<Json<SignInLink>, ApiError> {
    let Some(base) = &api.url else {
        let failure = Failure::new(
            ErrorKind::Unsupported,
            "no-server",
            "no server listens, so that there is no page to sign in to",
        )
        .hint("start one on the same data: windlass serve");
        return Err(failure.into());
    };
    Ok(Json(api.auth.sign_in_link(&user, base).await?))
}

fn describe(user: User) -> Me {
    Me { id: user.id, name: user.name, version: env!("CARGO_PKG_VERSION").into() }
}

fn cookie(secret: &str, seconds: u64) -> String {
    format!("windlass_session={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}")
}
