//! The event stream of the whole server: a snapshot, then what changes.

use super::{Api, sse};
use crate::store::DeploymentFilter;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::Event as Message;
use futures::{Stream, StreamExt, stream};
use serde_json::json;
use windlass_api_types::deployment::DeploymentSummary;

/// Deployments of the snapshot: what a page shows.
const SNAPSHOT: u32 = 50;

/// A `snapshot` of the newest deployments, then `deployments` whenever some change and `plugins` when
/// the registry does.
#[utoipa::path(get, path = "/events", responses((status = 200, content_type = "text/event-stream")))]
pub(super) async fn events(State(api): State<Api>) -> impl IntoResponse {
    // Before the snapshot, so that nothing falls between the two.
    let deployments = changed_deployments(api.clone());
    let plugins = changed_plugins(&api);
    let snapshot = stream::once(snapshot(api));
    sse::answer(snapshot.chain(stream::select(deployments, plugins)))
}

async fn snapshot(api: Api) -> Message {
    let filter = DeploymentFilter { limit: SNAPSHOT, ..DeploymentFilter::default() };
    match api.store.deployments(&filter).await {
        Ok(deployments) => message("snapshot", &json!({ "deployments": deployments })),
        Err(error) => Message::default().event("error").data(error.failure().message),
    }
}

fn changed_deployments(api: Api) -> impl Stream<Item = Message> {
    let changes = api.events.changes();
    stream::unfold((api, changes), async |(api, mut changes)| {
        let changed = changes.next().await?;
        if changed.missed {
            return Some((snapshot(api.clone()).await, (api, changes)));
        }
        let mut summaries: Vec<DeploymentSummary> = Vec::new();
        for id in changed.deployments {
            // One that cannot be read now is in the next change, or in the next snapshot.
            if let Ok(Some(record)) = api.store.deployment(id).await {
                summaries.push(record.summary);
            }
        }
        Some((message("deployments", &summaries), (api, changes)))
    })
}

fn changed_plugins(api: &Api) -> impl Stream<Item = Message> + use<> {
    stream::unfold(api.registry.changes(), async |mut changes| {
        changes.changed().await.ok()?;
        Some((message("plugins", &json!({})), changes))
    })
}

fn message(name: &str, data: &impl serde::Serialize) -> Message {
    let message = Message::default().event(name);
    message.json_data(data).unwrap_or_else(|_| Message::default().event("error").data("not JSON"))
}
