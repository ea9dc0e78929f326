//! API tokens.

use super::{Api, identity::SignedIn, problem::ApiError};
use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use windlass_api_types::{
    TokenId,
    user::{CreateToken, CreatedToken, Token},
};

/// The user's tokens, without their secrets.
#[utoipa::path(get, path = "/tokens", responses((status = 200, body = [Token])))]
pub(super) async fn list(State(api): State<Api>, SignedIn(user): SignedIn) -> Result<Json<Vec<Token>>, ApiError> {
    Ok(Json(api.store.tokens(user.id).await?))
}

/// Makes a token; its secret is shown this once.
#[utoipa::path(post, path = "/tokens", request_body = CreateToken, responses((status = 201, body = CreatedToken)))]
pub(super) async fn create(
    State(api): State<Api>,
    SignedIn(user): SignedIn,
    Json(asked): Json<CreateToken>,
) -> Result<(StatusCode, Json<CreatedToken>), ApiError> {
    Ok((StatusCode::CREATED, Json(api.auth.create_token(&user, &asked).await?)))
}

/// Revokes a token.
#[utoipa::path(delete, path = "/tokens/{id}", params(("id" = String, Path)), responses((status = 204)))]
pub(super) async fn revoke(
    State(api): State<Api>,
    SignedIn(user): SignedIn,
    Path(id): Path<TokenId>,
) -> Result<StatusCode, ApiError> {
    match api.store.delete_token(user.id, id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::not_found("token", &id.to_string())),
    }
}
