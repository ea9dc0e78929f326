//! DNS zones. Their credentials go in and never come out; a change is there for the next deployment.

use super::{Api, identity::SignedIn, problem::ApiError};
use crate::dns;
use crate::event::now;
use crate::vault::SecretValue;
use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use windlass_api_types::zone::{PutZone, Zone};

/// Every configured zone.
#[utoipa::path(get, path = "/zones", responses((status = 200, body = [Zone])))]
pub(super) async fn list(State(api): State<Api>) -> Result<Json<Vec<Zone>>, ApiError> {
    Ok(Json(api.vault.zones().await?))
}

/// Configures a zone, or replaces its configuration. Nothing is asked of its provider.
#[utoipa::path(put, path = "/zones/{name}", params(("name" = String, Path)), request_body = PutZone,
    responses((status = 200, body = Zone)))]
pub(super) async fn put(
    State(api): State<Api>,
    SignedIn(user): SignedIn,
    Path(name): Path<String>,
    Json(asked): Json<PutZone>,
) -> Result<Json<Zone>, ApiError> {
    let PutZone { provider, name_servers, secret } = asked;
    let mut zone = Zone { name, provider, name_servers, created_at: now(), created_by: user.name };
    dns::check_zone(&mut zone, &secret).map_err(|error| error.failure())?;
    api.vault.put_zone(&zone, &SecretValue::new(secret)).await?;
    Ok(Json(zone))
}

/// Forgets a zone; its records stay as they are.
#[utoipa::path(delete, path = "/zones/{name}", params(("name" = String, Path)), responses((status = 204)))]
pub(super) async fn remove(State(api): State<Api>, Path(name): Path<String>) -> Result<StatusCode, ApiError> {
    match api.store.delete_zone(&name).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::not_found("zone", &name)),
    }
}
