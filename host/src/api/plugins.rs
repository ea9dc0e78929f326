//! The plugin registry.

use super::Api;
use axum::{Json, extract::State};
use windlass_api_types::plugin::Plugins;

/// Every plugin that serves, and every file that does not, with the reason.
#[utoipa::path(get, path = "/plugins", responses((status = 200, body = Plugins)))]
pub(super) async fn list(State(api): State<Api>) -> Json<Plugins> {
    Json(api.registry.wire())
}
