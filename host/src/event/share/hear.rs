//! Hearing what other servers tell.

use super::Shared;
use crate::store::{Listener, Notice, StoreError, Told, Topic};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// After this long without a word one looks whether the connection is still there: firewalls forget
/// connections that are idle for minutes.
const QUIET: Duration = Duration::from_secs(30);

/// The pause before a connection is opened again. The poll does the work meanwhile.
const RETRY: Duration = Duration::from_secs(1);

/// Listens, on a new connection whenever the last one has failed.
pub(super) async fn listen(hub: Shared) {
    let mut failing = false;
    loop {
        let failed = match hub.store.listen().await {
            Ok(Some(listener)) => {
                failing = false;
                // What was told before it was there was not heard.
                hub.look_everywhere().await;
                hear(&hub, listener).await
            }
            Ok(None) => return,
            Err(error) => error,
        };
        if !std::mem::replace(&mut failing, true) {
            tracing::warn!(error = %failed, "other servers cannot be heard; this one looks each second until they can");
        }
        sleep(RETRY).await;
    }
}

/// Hears until the connection fails.
async fn hear(hub: &Shared, mut listener: Listener) -> StoreError {
    loop {
        match timeout(QUIET, listener.next()).await {
            Ok(Ok(Some(notice))) => act(hub, notice, &mut listener).await,
            Ok(Ok(None)) => hub.look_everywhere().await,
            Ok(Err(error)) => return error,
            Err(_) => match timeout(QUIET, listener.ping()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return error,
                Err(_) => return hub.store.unanswered(),
            },
        }
    }
}

/// Acts on a notice and on all that have come by now, each id once.
async fn act(hub: &Shared, first: Notice, listener: &mut Listener) {
    let own = hub.outbox.get().map(|outbox| outbox.sender);
    let mut told = Told::new();
    let mut next = Some(first);
    while let Some(notice) = next {
        if Some(notice.sender) != own {
            told.entry(notice.topic).or_default().extend(notice.deployments);
        }
        next = listener.buffered();
    }
    for deployment in told.remove(&Topic::Summary).unwrap_or_default() {
        // Nobody may be looking.
        let _ = hub.changes.send(Some(deployment));
    }
    if told.remove(&Topic::Commands).is_some() {
        hub.commands.send_modify(|count| *count += 1);
    }
    for deployment in told.remove(&Topic::Events).unwrap_or_default() {
        hub.catch_up_or_later(deployment).await;
    }
}
