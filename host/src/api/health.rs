//! Whether the server is well.

use super::Api;
use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;

/// The server's own health.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Health {
    /// `ok` or `degraded`.
    status: &'static str,
    version: &'static str,
    /// `ok`, or why the database does not answer.
    database: String,
}

/// Whether the server is well; for load balancers and people.
#[utoipa::path(get, path = "/health", responses((status = 200, body = Health), (status = 503, body = Health)))]
pub(super) async fn health(State(api): State<Api>) -> (StatusCode, Json<Health>) {
    let version = env!("CARGO_PKG_VERSION");
    match api.store.ping().await {
        Ok(()) => (StatusCode::OK, Json(Health { status: "ok", version, database: "ok".into() })),
        Err(error) => {
            let health = Health { status: "degraded", version, database: error.to_string() };
            (StatusCode::SERVICE_UNAVAILABLE, Json(health))
        }
    }
}
