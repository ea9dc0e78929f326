//! Uploading what a release carries.

use super::{Api, problem::ApiError};
use crate::event::now;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use futures::TryStreamExt;
use tokio_util::io::StreamReader;
use windlass_api_types::deployment::StoredBlob;

/// Stores an artifact: a tar archive, gzipped or not. Streamed; the same bytes are stored once.
#[utoipa::path(put, path = "/artifacts", request_body(content = Vec<u8>, content_type = "application/gzip"),
    responses((status = 200, body = StoredBlob)))]
pub(super) async fn put(State(api): State<Api>, body: Body) -> Result<Json<StoredBlob>, ApiError> {
    let reader = StreamReader::new(body.into_data_stream().map_err(std::io::Error::other));
    Ok(Json(api.store.put_blob(reader, now()).await?))
}
