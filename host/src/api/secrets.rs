//! Secrets of an environment. Their values go in and never come out; they take effect on the next
//! deployment.

use super::{Api, identity::SignedIn, problem::ApiError};
use crate::event::now;
use crate::vault::SecretValue;
use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use windlass_api_types::project::SecretInfo;

/// A new value.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct SetSecret {
    value: String,
}

/// Where to copy from, within the project.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct CopyFrom {
    /// The name of the environment.
    pub(super) from: String,
    /// Replace what is there already; otherwise that stays.
    #[serde(default)]
    pub(super) replace: bool,
}

/// How many values were encrypted anew.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Rotated {
    count: u64,
}

/// The names and versions of an environment's secrets.
#[utoipa::path(get, path = "/projects/{name}/environments/{environment}/secrets",
    params(("name" = String, Path), ("environment" = String, Path)), responses((status = 200, body = [SecretInfo])))]
pub(super) async fn list(
    State(api): State<Api>,
    Path((project, environment)): Path<(String, String)>,
) -> Result<Json<Vec<SecretInfo>>, ApiError> {
    let (_, environment) = api.engine.environment(&project, &environment).await?;
    Ok(Json(api.vault.list(environment.id).await?))
}

/// Sets a secret: its newest version.
#[utoipa::path(put, path = "/projects/{name}/environments/{environment}/secrets/{secret}",
    params(("name" = String, Path), ("environment" = String, Path), ("secret" = String, Path)),
    request_body = SetSecret, responses((status = 200, body = SecretInfo)))]
pub(super) async fn set(
    State(api): State<Api>,
    SignedIn(user): SignedIn,
    Path((project, environment, name)): Path<(String, String, String)>,
    Json(asked): Json<SetSecret>,
) -> Result<Json<SecretInfo>, ApiError> {
    let (_, environment) = api.engine.environment(&project, &environment).await?;
    let value = SecretValue::new(asked.value);
    Ok(Json(api.vault.set(environment.id, &name, &value, &user.name, now()).await?))
}

/// Takes a secret away.
#[utoipa::path(delete, path = "/projects/{name}/environments/{environment}/secrets/{secret}",
    params(("name" = String, Path), ("environment" = String, Path), ("secret" = String, Path)),
    responses((status = 204)))]
pub(super) async fn remove(
    State(api): State<Api>,
    Path((project, environment, name)): Path<(String, String, String)>,
) -> Result<StatusCode, ApiError> {
    let (_, environment) = api.engine.environment(&project, &environment).await?;
    api.vault.remove(environment.id, &name, now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Copies the secrets of another environment of the project; answers those that were copied.
#[utoipa::path(post, path = "/projects/{name}/environments/{environment}/secrets/copy",
    params(("name" = String, Path), ("environment" = String, Path)),
    request_body = CopyFrom, responses((status = 200, body = [SecretInfo])))]
pub(super) async fn copy(
    State(api): State<Api>,
    SignedIn(user): SignedIn,
    Path((project, environment)): Path<(String, String)>,
    Json(asked): Json<CopyFrom>,
) -> Result<Json<Vec<SecretInfo>>, ApiError> {
    let (_, from) = api.engine.environment(&project, &asked.from).await?;
    let (_, to) = api.engine.environment(&project, &environment).await?;
    Ok(Json(api.vault.copy(from.id, to.id, asked.replace, &user.name, now()).await?))
}

/// Encrypts every secret with a new key and forgets the old one.
#[utoipa::path(post, path = "/secrets/rotate-key", responses((status = 200, body = Rotated)))]
pub(super) async fn rotate(State(api): State<Api>) -> Result<Json<Rotated>, ApiError> {
    Ok(Json(Rotated { count: api.vault.rotate().await? }))
}
