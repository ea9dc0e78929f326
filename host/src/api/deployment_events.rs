//! The event stream of one deployment: live, reconnecting and finished are one path.

use super::{Api, problem::ApiError, query, sse};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::sse::Event as Message;
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use http::{HeaderMap, header};
use serde::Deserialize;
use windlass_api_types::{DeploymentId, effect::EventPage};

/// Events of a page of history unless it is asked for less.
const PAGE: u32 = 1000;
/// The most a page has.
const LARGEST_PAGE: u32 = 10_000;

#[derive(Deserialize, utoipa::IntoParams)]
pub(super) struct EventsQuery {
    /// Only events after this `seq`; `Last-Event-ID` wins.
    after: Option<u64>,
    /// Of a page of history.
    limit: Option<u32>,
}

/// The events of a deployment as a stream (`text/event-stream`: messages `events`, each a JSON array of
/// events whose id is the last `seq`, then `end`), or with `Accept: application/json` as a page.
#[utoipa::path(get, path = "/deployments/{id}/events", params(("id" = String, Path), EventsQuery),
    responses((status = 200, body = EventPage)))]
pub(super) async fn events(
    State(api): State<Api>,
    Path(id): Path<String>,
    Query(asked): Query<EventsQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let deployment = query::deployment(&api, &id).await?.summary.id;
    let last_id = headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|id| id.parse().ok());
    let after = last_id.or(asked.after).unwrap_or(0);
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("application/json") {
        return page(&api, deployment, after, asked.limit).await.map(|page| Json(page).into_response());
    }
    Ok(stream(&api, deployment, after).into_response())
}

/// The stream of a deployment's events after a `seq`.
pub(super) fn stream(api: &Api, deployment: DeploymentId, after: u64) -> impl IntoResponse + use<> {
    let batches = api.events.subscribe(deployment, after).map(|batch| match batch {
        Ok(batch) => Message::default()
            .id(batch.last_seq.to_string())
            .event("events")
            .data(String::from_utf8_lossy(&batch.events)),
        // The browser comes again after its last id; nothing is lost.
        Err(error) => Message::default().event("error").data(error.failure().message),
    });
    let end = stream::once(async { Message::default().event("end").data("{}") });
    sse::answer(batches.chain(end))
}

async fn page(api: &Api, deployment: DeploymentId, after: u64, limit: Option<u32>) -> Result<EventPage, ApiError> {
    let limit = limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let events = api.store.events(deployment, after, limit).await?;
    let full = events.len() == limit as usize;
    let next = events.last().filter(|_| full).map(|event| event.seq);
    Ok(EventPage { events, next })
}
