//! A lease is lost and found with a database that goes and comes back.

use super::*;
use crate::store::testing::{Postgres, TestDatabase, skipped};
use crate::store::tests::{Fixture, NOW};

/// Quick enough for a test, and slow enough for a machine that runs many.
const PACE: Pace = Pace { heartbeat: Duration::from_millis(50), lease: Duration::from_secs(3) };

fn identity() -> ServerIdentity {
    ServerIdentity { id: ServerId::new(), name: "ops-1".into(), url: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_cannot_say_that_it_is_alive_stops_and_begins_again() {
    let server = match Postgres::start() {
        Ok(server) => server,
        Err(reason) => return skipped("the test of a lease that is lost", &reason),
    };
    let fixture = Fixture::new(TestDatabase::of(&server)).await;
    let lease = Lease::begin_at(PACE, fixture.store.clone(), identity()).await.unwrap();
    let kept = tokio::spawn(lease.clone().keep());
    fixture.queued().await;
    let record = fixture.store.claim_next(lease.id(), NOW).await.unwrap().unwrap();
    assert!(lease.holds());

    let lost = lease.lost();
    server.stop();
    lost.cancelled().await;
    assert!(!lease.holds());
    server.start_again();
    // As long as it does not begin again what was lost is what it tells.
    while lease.lost().is_cancelled() {
        tokio::task::yield_now().await;
    }
    assert!(lease.holds());
    assert!(lost.is_cancelled(), "what ran under the old lease has lost it for good");
    let record = fixture.store.deployment(record.summary.id).await.unwrap().unwrap();
    assert_eq!(record.owner, None, "anybody may take over what it lost");

    lease.end().await;
    assert_eq!(fixture.store.servers().await.unwrap(), []);
    kept.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copied_data_directory_stops_the_first_server() {
    let Some(database) = TestDatabase::postgres() else { return };
    let (store, identity) = (database.open().await, identity());
    let first = Lease::begin_at(PACE, store.clone(), identity.clone()).await.unwrap();
    let kept = tokio::spawn(first.clone().keep());
    let second = Lease::begin_at(PACE, store.clone(), identity).await.unwrap();
    first.lost().cancelled().await;
    kept.await.unwrap();
    assert!(!first.holds() && second.holds());
    first.end().await;
    assert_eq!(store.servers().await.unwrap().len(), 1, "the second one works on");
}

#[tokio::test]
async fn a_server_alone_loses_nothing() {
    let pace = Pace { heartbeat: Duration::ZERO, lease: Duration::ZERO };
    let lease = Lease::begin_at(pace, TestDatabase::sqlite().open().await, identity()).await.unwrap();
    lease.clone().keep().await;
    assert!(lease.holds() && !lease.lost().is_cancelled());
}
