//! What apps write after their deployment, read from the targets.

use super::{Api, deployments, problem::ApiError, query, sse};
use crate::engine::AppLogQuery;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::sse::Event as Message;
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use http::HeaderMap;
use serde::Deserialize;
use windlass_api_types::Problem;
use windlass_api_types::app_log::AppLogLine;

/// Lines of each log unless it is asked for fewer or more.
const TAIL: u32 = 100;
/// The most there are at once.
const LONGEST_TAIL: u32 = 10_000;

#[derive(Deserialize, utoipa::IntoParams)]
pub(super) struct AppLogsQuery {
    /// Only of this target.
    target: Option<String>,
    /// The last lines of each log; 100 unless said otherwise, at most 10,000.
    tail: Option<u32>,
}

/// The logs of the containers and processes that the deployment has started: the last lines of each, or with
/// `Accept: text/event-stream` those and all that follow (messages `line`, then `end`).
#[utoipa::path(get, path = "/deployments/{id}/app-logs", params(("id" = String, Path), AppLogsQuery),
    responses((status = 200, body = [AppLogLine]), (status = 404, body = Problem)))]
pub(super) async fn app_logs(
    State(api): State<Api>,
    Path(id): Path<String>,
    Query(asked): Query<AppLogsQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let record = query::deployment(&api, &id).await?;
    let state = deployments::state(&api, record.summary.id).await?;
    let follow = sse::is_wanted(&headers);
    let tail = asked.tail.unwrap_or(TAIL).min(LONGEST_TAIL);
    let lines = api.engine.app_logs(&record, &state, AppLogQuery { target: asked.target, tail, follow }).await?;
    if !follow {
        return Ok(Json(lines.collect::<Vec<AppLogLine>>().await).into_response());
    }
    let lines = lines.map(|line| {
        let message = Message::default().event("line");
        message.json_data(&line).unwrap_or_else(|error| Message::default().event("error").data(error.to_string()))
    });
    let end = stream::once(async { Message::default().event("end").data("{}") });
    Ok(sse::answer(lines.chain(end)).into_response())
}
