use super::*;
use crate::store::testing::{Postgres, skipped};
use futures::StreamExt;
use windlass_api_types::DeploymentId;

/// The database goes away in the middle of a deployment and comes back: nothing is lost or doubled,
/// and those who wait for a commit just wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waits_for_a_database_that_restarts() {
    let server = match Postgres::start() {
        Ok(server) => server,
        Err(reason) => return skipped("the test of a PostgreSQL that restarts", &reason),
    };
    let running = Running::new(TestDatabase::of(&server)).await;
    let viewer = tokio::spawn(view(running.events.clone(), running.record.summary.id));
    let producer = tokio::spawn({
        let appender = running.appender.clone();
        async move {
            // More than the queue holds: the producer is held back while the database is gone.
            for line in 0..6_000 {
                appender.append(info(line.to_string())).await.unwrap();
            }
        }
    });
    running.appender.commit(info("before"), Durability::Full).await.unwrap();
    server.stop();
    let error = running.store().ping().await.unwrap_err();
    assert!(error.is_unavailable(), "{error}");
    let during = tokio::spawn({
        let appender = running.appender.clone();
        async move { appender.commit(info("during"), Durability::Full).await }
    });
    server.start_again();
    during.await.unwrap().unwrap();
    producer.await.unwrap();
    let last = running.succeed().await;
    assert_eq!(last, 2 + 6_000 + 3);
    let stored = running.stored().await;
    assert!(stored.iter().map(|event| event.seq).eq(1..=last));
    let lines = stored.iter().filter_map(|event| event.message.parse::<u32>().ok());
    assert!(lines.eq(0..6_000), "each line once, in order");
    assert_eq!(viewer.await.unwrap(), stored);
}

/// Follows to the end, coming back where it was after each error.
async fn view(events: Events, id: DeploymentId) -> Vec<Event> {
    let mut seen: Vec<Event> = Vec::new();
    while !matches!(seen.last(), Some(Event { body: EventBody::DeploymentEnded { .. }, .. })) {
        let mut stream = Box::pin(events.subscribe(id, seen.last().map_or(0, |event| event.seq)));
        while let Some(batch) = stream.next().await {
            match batch {
                Ok(batch) => seen.extend(decode(&batch)),
                Err(error) => assert!(error.is_unavailable(), "{error}"),
            }
        }
    }
    seen
}
