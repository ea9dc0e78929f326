//! The servers that work on this database.

use super::{Api, problem::ApiError};
use axum::{Json, extract::State};
use windlass_api_types::server::ServerInfo;

/// Every server that has not said that it ends, by name.
#[utoipa::path(get, path = "/servers", responses((status = 200, body = [ServerInfo])))]
pub(super) async fn list(State(api): State<Api>) -> Result<Json<Vec<ServerInfo>>, ApiError> {
    Ok(Json(api.store.servers().await?))
}
