use super::*;
use crate::on_both_databases;
use crate::store::StoreError;
use futures::StreamExt;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use windlass_api_types::DeploymentId;

on_both_databases!(
    no_gap_and_no_double_while_reconnecting,
    a_slow_viewer_reads_the_store,
    follows_a_queued_deployment_to_its_end,
    ends_at_once_after_the_end,
    tells_that_there_is_none,
);

const LINES: u64 = 20_000;

async fn no_gap_and_no_double_while_reconnecting(database: TestDatabase) {
    let running = Running::new(database).await;
    let (events, id) = (running.events.clone(), running.record.summary.id);
    let viewers = (0..6).map(|seed| {
        let events = events.clone();
        tokio::spawn(async move { view(&events, id, StdRng::seed_from_u64(seed)).await })
    });
    let viewers: Vec<_> = viewers.collect();
    for line in 0..LINES {
        running.appender.append(info(format!("line {line}"))).await.unwrap();
    }
    let last = running.succeed().await;
    assert_eq!(last, 2 + LINES + 1);
    for viewer in viewers {
        let seen = viewer.await.unwrap();
        assert_eq!(seen.len() as u64, last);
        assert!(seen.iter().map(|event| event.seq).eq(1..=last), "in order, each once");
        let lines = seen.iter().filter(|event| matches!(event.body, EventBody::LogWritten { .. }));
        assert!(lines.map(|event| event.message.clone()).eq((0..LINES).map(|line| format!("line {line}"))));
    }
}

/// Follows to the end, leaving and coming back now and then where it was.
async fn view(events: &Events, id: DeploymentId, mut random: StdRng) -> Vec<Event> {
    let mut seen: Vec<Event> = Vec::new();
    while !matches!(seen.last(), Some(Event { body: EventBody::DeploymentEnded { .. }, .. })) {
        // A client resumes after any event it has, not only after whole batches.
        let keep = random.random_range(0..=seen.len().min(300));
        seen.truncate(seen.len() - keep);
        let after = seen.last().map_or(0, |event| event.seq);
        let mut stream = Box::pin(events.subscribe(id, after));
        for _ in 0..random.random_range(1..80) {
            match stream.next().await {
                Some(batch) => seen.extend(decode(&batch.unwrap())),
                None => break,
            }
        }
    }
    seen
}

async fn a_slow_viewer_reads_the_store(database: TestDatabase) {
    let running = Running::new(database).await;
    let mut stream = Box::pin(running.events.subscribe(running.record.summary.id, 0));
    let first = stream.next().await.unwrap().unwrap();
    assert_eq!((first.first_seq, first.last_seq), (1, 2));
    // Four times what a ring holds.
    let long = "x".repeat(10 * 1024);
    for _ in 0..100 {
        running.appender.commit(info(long.clone()), Durability::Normal).await.unwrap();
    }
    let last = running.succeed().await;
    let mut position = 2;
    while let Some(batch) = stream.next().await {
        let batch = batch.unwrap();
        assert_eq!(batch.first_seq, position + 1);
        position = batch.last_seq;
    }
    assert_eq!(position, last);
}

async fn follows_a_queued_deployment_to_its_end(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let events = Events::new(fixture.store.clone());
    let mut changes = events.changes();
    let record = events.create_deployment(&fixture.new_deployment()).await.unwrap();
    let id = record.summary.id;
    let viewer = tokio::spawn({
        let stream = events.subscribe(id, 0);
        stream.map(|batch| decode(&batch.unwrap())).collect::<Vec<_>>()
    });
    let claimed = events.claim_next(crate::store::tests::SERVER).await.unwrap().unwrap();
    let state = events.state(id).await.unwrap().unwrap();
    let appender = events.appender(id, claimed.epoch, state);
    let end = NewEvent::of_deployment(ended(DeploymentStatus::Canceled));
    appender.commit(end, Durability::Full).await.unwrap();
    let seen: Vec<Event> = viewer.await.unwrap().concat();
    let kinds: Vec<_> = seen.iter().map(|event| event.body.kind()).collect();
    assert_eq!(kinds, ["deployment_queued", "deployment_started", "deployment_ended"]);

    let changed = changes.next().await.unwrap();
    assert_eq!(changed, Changed { deployments: [id].into(), missed: false }, "three changes are one");
}

async fn ends_at_once_after_the_end(database: TestDatabase) {
    let running = Running::new(database).await;
    let id = running.record.summary.id;
    let last = running.succeed().await;
    assert!(Box::pin(running.events.subscribe(id, last)).next().await.is_none());
    assert!(Box::pin(running.events.subscribe(id, last + 7)).next().await.is_none());
    let mut stream = Box::pin(running.events.subscribe(id, last - 1));
    assert!(stream.next().await.unwrap().unwrap().ended);
    assert!(stream.next().await.is_none());
}

async fn tells_that_there_is_none(database: TestDatabase) {
    let running = Running::new(database).await;
    let mut stream = Box::pin(running.events.subscribe(DeploymentId::new(), 0));
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(matches!(error, StoreError::Missing { what: "deployment", .. }), "{error}");
    assert!(stream.next().await.is_none());
}
