//! The poll behind the notices: what has not ended, and what somebody follows here, is looked at each second.

use super::Shared;
use crate::store::Standing;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use windlass_api_types::DeploymentId;

/// Between two looks.
const PERIOD: Duration = Duration::from_secs(1);

pub(super) async fn run(hub: Shared) {
    let mut known: HashMap<DeploymentId, Standing> = HashMap::new();
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        look(&hub, &mut known).await;
    }
}

async fn look(hub: &Shared, known: &mut HashMap<DeploymentId, Standing>) {
    let followed: BTreeSet<DeploymentId> = hub.followed().into_iter().map(|(id, _)| id).collect();
    // Also those that had not ended the last time: they may have since.
    let also: BTreeSet<DeploymentId> = known.keys().chain(&followed).copied().collect();
    let found = match hub.store.standings(&also.into_iter().collect::<Vec<_>>()).await {
        Ok(found) => found,
        Err(error) => return tracing::debug!(%error, "deployments cannot be looked at; it is tried again"),
    };
    let before = std::mem::take(known);
    for now in found {
        let before = before.get(&now.id);
        if !now.status.is_terminal() || followed.contains(&now.id) {
            known.insert(now.id, now);
        }
        // What is written here is shown as it is written.
        if hub.open_channel(now.id).is_some_and(|channel| channel.writer().is_some()) {
            continue;
        }
        if before.is_none_or(|before| before.status != now.status) {
            // Nobody may be looking.
            let _ = hub.changes.send(Some(now.id));
        }
        if before.is_none_or(|before| before.last_seq != now.last_seq) {
            hub.catch_up_or_later(now.id).await;
        }
    }
}
