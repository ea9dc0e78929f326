//! What all event streams have in common: keepalive, and no buffering on the way.

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{AppendHeaders, IntoResponse};
use futures::{Stream, StreamExt};
use http::{HeaderMap, HeaderName, header};
use std::convert::Infallible;
use std::time::Duration;

/// Proxies and browsers give a silent stream up after a minute or less.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// Whether a request asks for a stream rather than for a document.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/event-stream"))
}

/// A stream of messages as an answer.
pub(super) fn answer(messages: impl Stream<Item = Event> + Send + 'static) -> impl IntoResponse {
    let headers =
        AppendHeaders([(header::CACHE_CONTROL, "no-cache"), (HeaderName::from_static("x-accel-buffering"), "no")]);
    (headers, Sse::new(messages.map(Ok::<_, Infallible>)).keep_alive(KeepAlive::new().interval(KEEPALIVE)))
}
