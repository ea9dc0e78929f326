//! A server that dies, hangs or ends: another one goes on with what it ran.

use super::*;
use crate::harness::{Server, until};
use windlass_api_types::EventBody;

mod postgres {
    crate::harness::test_on!(what_a_killed_server_ran_another_finishes, Postgres);
    crate::harness::test_on!(a_server_that_hung_writes_nothing_late, Postgres);
    crate::harness::test_on!(a_server_that_ends_hands_over_at_once, Postgres);
    crate::harness::test_on!(any_server_cancels_any_deployment, Postgres);
    crate::harness::test_on!(a_database_that_was_away_is_waited_for, Postgres);
}

/// Says on the target how often it ran, and waits in its middle while it is held.
const COUNTED: &str = "echo once >> \"$HOME/count\"; echo before; touch \"$HOME/held\"; \
                       while [ -e \"$HOME/hold\" ]; do sleep 0.05; done; echo after";

/// Three servers, of which one runs a deployment that is held in its middle.
struct Three {
    owner: Server,
    others: [Server; 2],
    /// Of the owner, then of the others.
    apis: Vec<Api>,
}

impl Three {
    /// Starts them and a deployment, `shop#1`.
    async fn with(site: &Site, command: &str) -> Self {
        site.add_target().await.succeeds();
        let first = site.serve().await;
        let mut servers = vec![first, site.serve_beside("ops-2").await, site.serve_beside("ops-3").await];
        let mut apis = apis(site, &[&servers[0], &servers[1], &servers[2]]).await;
        let request = json!({ "config": config(command), "environment": "production" });
        apis[0].post("/deployments", &request).await.ok();
        until("the deployment to be at its middle", async || site.target().home().join("held").exists().then_some(()))
            .await;
        let owner = apis[0].deployment("shop#1").await.summary.server.expect("it runs somewhere");
        let owner = ["ops-2", "ops-3"].iter().position(|name| *name == owner).map_or(0, |position| position + 1);
        apis.swap(0, owner);
        let owner = servers.swap_remove(owner);
        let others = <[Server; 2]>::try_from(servers).unwrap_or_else(|_| unreachable!("three less one are two"));
        Self { owner, others, apis }
    }
}

/// How often the deployment changed its server.
fn resumed(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event.body, EventBody::DeploymentResumed { .. })).count()
}

fn said(events: &[Event], text: &str) -> usize {
    events.iter().filter(|event| event.message == text).count()
}

/// Reads until the deployment was taken over.
async fn until_resumed(stream: &mut Stream) -> Vec<Event> {
    let mut seen = Vec::new();
    while resumed(&seen) == 0 {
        seen.extend(stream.next().await.expect("it has not ended"));
    }
    seen
}

/// The command went on meanwhile, is found again by the other server, and nothing is done twice; whoever follows on a
/// third server sees it all.
async fn what_a_killed_server_ran_another_finishes(site: &Site) {
    let hold = site.hold();
    let three = Three::with(site, COUNTED).await;
    let mut streams =
        [Stream::open(&three.apis[1], "shop#1", 0).await, Stream::open(&three.apis[2], "shop#1", 0).await];
    three.owner.kill().await;
    let mut seen = [until_resumed(&mut streams[0]).await, until_resumed(&mut streams[1]).await];
    drop(hold);
    for (seen, stream) in seen.iter_mut().zip(&mut streams) {
        seen.extend(stream.rest().await);
    }
    let history = three.apis[1].events("shop#1").await;
    assert!(seen[0] == history && seen[1] == history, "every server shows the same");
    assert_eq!((resumed(&history), said(&history, "before"), said(&history, "after")), (1, 1, 1));
    assert_eq!(std::fs::read_to_string(site.target().home().join("count")).unwrap(), "once\n", "it ran once");
    assert_eq!(three.apis[2].deployment("shop#1").await.summary.status, DeploymentStatus::Succeeded);
    let servers: Vec<ServerInfo> = three.apis[1].get("/servers").await.ok().json();
    assert_eq!(servers.iter().filter(|server| server.alive).count(), 2, "{servers:?}");
    for server in three.others {
        server.stop().await;
    }
}

/// It wakes up in the middle of what another one runs by then, and every word of it is refused.
async fn a_server_that_hung_writes_nothing_late(site: &Site) {
    let hold = site.hold();
    let three = Three::with(site, COUNTED).await;
    let mut stream = Stream::open(&three.apis[1], "shop#1", 0).await;
    three.owner.freeze();
    let mut seen = until_resumed(&mut stream).await;
    three.owner.thaw();
    three.owner.logs("this server has lost its deployments").await;
    three.owner.logs("this server takes deployments again").await;
    until("it to run nothing", async || {
        let servers: Vec<ServerInfo> = three.apis[0].get("/servers").await.ok().json();
        servers.iter().all(|server| server.alive).then_some(())
    })
    .await;
    drop(hold);
    seen.extend(stream.rest().await);
    for api in &three.apis {
        assert!(api.events("shop#1").await == seen, "every server shows the same");
    }
    assert_eq!((resumed(&seen), said(&seen, "before"), said(&seen, "after")), (1, 1, 1));
    assert_eq!(std::fs::read_to_string(site.target().home().join("count")).unwrap(), "once\n", "it ran once");
    // It is as good as the others again.
    let request = json!({ "config": config("true"), "environment": "production" });
    let next: Deployment = three.apis[0].post("/deployments?wait", &request).await.ok().json();
    assert_eq!(next.summary.status, DeploymentStatus::Succeeded);
    for server in three.others.into_iter().chain([three.owner]) {
        server.stop().await;
    }
}

/// A rolling restart: nobody waits for the end of a lease.
async fn a_server_that_ends_hands_over_at_once(site: &Site) {
    let hold = site.hold();
    let three = Three::with(site, COUNTED).await;
    let mut stream = Stream::open(&three.apis[1], "shop#1", 0).await;
    three.owner.stop().await;
    let servers: Vec<ServerInfo> = three.apis[1].get("/servers").await.ok().json();
    assert_eq!((servers.len(), servers.iter().all(|server| server.alive)), (2, true), "{servers:?}");
    let mut seen = until_resumed(&mut stream).await;
    drop(hold);
    seen.extend(stream.rest().await);
    assert_eq!((resumed(&seen), said(&seen, "after")), (1, 1));
    assert_eq!(std::fs::read_to_string(site.target().home().join("count")).unwrap(), "once\n", "it ran once");
    for server in three.others {
        server.stop().await;
    }
}

/// The wish is sent to the server that runs it, and becomes one event there.
async fn any_server_cancels_any_deployment(site: &Site) {
    let hold = site.hold();
    let three = Three::with(site, COUNTED).await;
    let mut stream = Stream::open(&three.apis[2], "shop#1", 0).await;
    three.apis[1].post("/deployments/shop%231/cancel", &json!({})).await.ok();
    let seen = stream.rest().await;
    let asked = seen.iter().filter(|event| matches!(event.body, EventBody::CancelRequested { .. })).count();
    assert_eq!((asked, said(&seen, "after")), (1, 0));
    let canceled = three.apis[0].deployment("shop#1").await.summary;
    assert_eq!((canceled.status, resumed(&seen)), (DeploymentStatus::Canceled, 0));
    let late = three.apis[1].post("/deployments/shop%231/cancel", &json!({})).await.problem(409);
    assert_eq!(late.detail, "shop#1 is canceled already");
    drop(hold);
    for server in three.others.into_iter().chain([three.owner]) {
        server.stop().await;
    }
}

/// For longer than the lease: nobody knows who is alive, and all let go of what they run. When it is back one of them
/// goes on, and can be told to stop.
async fn a_database_that_was_away_is_waited_for(site: &Site) {
    let hold = site.hold();
    let three = Three::with(site, COUNTED).await;
    let postgres = site.database().server().expect("it runs on PostgreSQL");
    postgres.stop();
    let servers = || three.others.iter().chain([&three.owner]);
    for server in servers() {
        server.logs("this server has lost its deployments").await;
    }
    postgres.start_again();
    for server in servers() {
        server.logs("this server takes deployments again").await;
    }
    let mut stream = Stream::open(&three.apis[1], "shop#1", 0).await;
    until_resumed(&mut stream).await;
    assert_eq!(std::fs::read_to_string(site.target().home().join("count")).unwrap(), "once\n", "it ran once");
    three.apis[2].post("/deployments/shop%231/cancel", &json!({})).await.ok();
    stream.rest().await;
    assert_eq!(three.apis[0].deployment("shop#1").await.summary.status, DeploymentStatus::Canceled);
    drop(hold);
    for server in three.others.into_iter().chain([three.owner]) {
        server.stop().await;
    }
}
