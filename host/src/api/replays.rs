//! Replays: a deployment's stage runs once more, against their recorded effects.

use super::{Api, problem::ApiError, query};
use crate::engine::ReplayRequest;
use crate::plugin::Limits;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use futures::StreamExt;
use http::StatusCode;
use serde::Deserialize;
use windlass_api_types::replay::Replay;
use windlass_api_types::{ErrorKind, Failure, Problem};

/// Of a component that is too large, this many times its limit is read and dropped.
const MOST_DRAINED: usize = 4;

#[derive(Deserialize, utoipa::IntoParams)]
pub(super) struct ReplayQuery {
    /// Only this stage.
    stage: Option<String>,
    /// Only on this target.
    target: Option<String>,
}

/// Runs the stage runs of a deployment again and compares; nothing is performed. The body may be a component, which
/// takes the place of the recorded ones of its name; it is not registered.
#[utoipa::path(post, path = "/deployments/{id}/replay", params(("id" = String, Path), ReplayQuery),
    request_body(content = Vec<u8>, content_type = "application/wasm"),
    responses((status = 200, body = Replay), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn replay(
    State(api): State<Api>,
    Path(id): Path<String>,
    Query(asked): Query<ReplayQuery>,
    body: Body,
) -> Result<Json<Replay>, ApiError> {
    let record = query::deployment(&api, &id).await?;
    let plugin = component(body, api.registry.runtime().limits()).await?;
    let asked = ReplayRequest { stage: asked.stage, target: asked.target, plugin };
    Ok(Json(api.engine.replay(&record, asked).await?))
}

/// The component in the body. One that is too large is read to its end all the same, as far as that is bearable, so
/// that whoever sends it reads the answer.
async fn component(body: Body, limits: &Limits) -> Result<Vec<u8>, ApiError> {
    let most = limits.component_bytes();
    let (mut bytes, mut seen) = (Vec::new(), 0);
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| {
            let message = format!("the component could not be read to its end: {error}");
            ApiError::new(
                StatusCode::BAD_REQUEST,
                Failure::new(ErrorKind::InvalidInput, "plugin-cut", message).hint("send it again"),
            )
        })?;
        seen += chunk.len();
        if seen <= most {
            bytes.extend_from_slice(&chunk);
        } else if seen > most.saturating_mul(MOST_DRAINED) {
            break;
        }
    }
    if seen <= most {
        return Ok(bytes);
    }
    let message = format!("the component is larger than {} MiB", limits.component_mb);
    let failure = Failure::new(ErrorKind::InvalidInput, "plugin-too-large", message).hint("raise plugins.component_mb");
    Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, failure))
}
