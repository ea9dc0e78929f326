//! Many lines, many viewers that come and go, and a server that dies in the middle: all see the same, without a gap.

use crate::harness::{Api, Site, Stream, on_each_database};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;
use tokio::sync::watch;
use windlass_api_types::{DeploymentStatus, Event, EventBody};

on_each_database![every_viewer_sees_the_same];

/// Lines of the deployment; a million where it may take long.
fn lines() -> u64 {
    if std::env::var_os("WINDLASS_TORTURE").is_some_and(|value| value == "1") { 1_000_000 } else { 30_000 }
}

const VIEWERS: u64 = 6;

/// What one viewer has seen.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    events: u64,
    lines: u64,
    /// Of all events in their order.
    hash: u64,
}

async fn every_viewer_sees_the_same(site: &Site) {
    let half = lines() / 2;
    site.add_target().await.succeeds();
    site.write_config(&format!(
        "project = \"shop\"\n[environments.production]\ntargets = {{ app = [\"web-1\"] }}\n\
         [[stage]]\nid = \"say\"\ntargets = \"app\"\nrun = \"\"\"\n\
         seq 1 {half}; touch held; while [ -e hold ]; do sleep 0.05; done; seq {} {}\n\"\"\"\n",
        half + 1,
        2 * half,
    ));
    let server = site.serve().await;
    let api = site.api(&server).await;
    let hold = site.hold();
    site.windlass("deploy --to production --detach").await.succeeds();
    let (servers, current) = watch::channel(api.clone());
    let viewers: Vec<_> = (0..VIEWERS).map(|viewer| tokio::spawn(view(viewer, current.clone()))).collect();
    hold.reached().await;
    server.kill().await;
    let server = site.serve().await;
    let api = api.of(&server);
    servers.send_replace(api.clone());
    drop(hold);
    let mut seen = Vec::new();
    for viewer in viewers {
        seen.push(viewer.await.expect("a viewer does not panic"));
    }
    let ended = api.deployment_is("shop#1", DeploymentStatus::Succeeded).await;
    assert_eq!((seen[0].events, seen[0].lines), (ended.summary.last_seq, 2 * half));
    assert!(seen.iter().all(|other| *other == seen[0]), "{seen:?}");
    server.stop().await;
}

/// Follows to the end, and leaves and comes back every few batches.
async fn view(viewer: u64, servers: watch::Receiver<Api>) -> Seen {
    let (mut seen, mut hasher) = (Seen { events: 0, lines: 0, hash: 0 }, DefaultHasher::new());
    for visit in 1.. {
        let api = servers.borrow().clone();
        let Some(mut stream) = Stream::try_open(&api, "shop#1", seen.events).await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        // Some leave soon, one stays as long as it can.
        let mut patience = if viewer == 0 { u64::MAX } else { 1 + viewer * 7 * visit % 13 };
        while patience > 0
            && let Some(batch) = stream.try_next().await
        {
            for event in batch {
                if take(&event, &mut seen, &mut hasher) {
                    return Seen { hash: hasher.finish(), ..seen };
                }
            }
            patience -= 1;
        }
    }
    unreachable!("a viewer stays until the end")
}

/// Takes the next event in; whether it is the last.
fn take(event: &Event, seen: &mut Seen, hasher: &mut DefaultHasher) -> bool {
    assert_eq!(event.seq, seen.events + 1, "there is no gap");
    seen.events = event.seq;
    (event.seq, event.at, &event.message, event.body.kind()).hash(hasher);
    if let EventBody::LogWritten { effect: Some(_), .. } = event.body {
        seen.lines += 1;
        assert_eq!(event.message, seen.lines.to_string(), "each line is there once, in its order");
    }
    matches!(event.body, EventBody::DeploymentEnded { .. })
}
