use super::*;
use crate::on_both_databases;
use futures::StreamExt;

on_both_databases!(
    keeps_the_order_of_each_producer,
    a_commit_is_stored,
    tells_the_state_and_the_status,
    refuses_what_cannot_follow,
    stops_when_it_is_fenced_off,
    close_commits_what_is_queued,
    stores_any_line,
);

async fn keeps_the_order_of_each_producer(database: TestDatabase) {
    let running = Running::new(database).await;
    let mut stream = Box::pin(running.events.subscribe(running.record.summary.id, 2));
    let producers = (0..8).map(|producer| {
        let appender = running.appender.clone();
        tokio::spawn(async move {
            for count in 0..500 {
                appender.append(info(format!("{producer} {count}"))).await.unwrap();
            }
        })
    });
    futures::future::join_all(producers).await;
    let last = running.appender.commit(info("last"), Durability::Normal).await.unwrap();
    assert_eq!(last, 2 + 4_000 + 1);

    let stored = running.stored().await;
    assert!(stored.iter().map(|event| event.seq).eq(1..=last), "without a gap");
    assert!(stored.is_sorted_by_key(|event| event.at), "time goes on");
    for producer in 0..8 {
        let own = stored.iter().filter_map(|event| event.message.strip_prefix(&format!("{producer} ")));
        assert!(own.eq((0..500).map(|count| count.to_string())), "producer {producer} in its order");
    }
    let mut batches = 0;
    while stream.next().await.unwrap().unwrap().last_seq < last {
        batches += 1;
    }
    assert!(batches < 400, "4,000 events came in {batches} batches");
}

async fn a_commit_is_stored(database: TestDatabase) {
    let running = Running::new(database).await;
    running.appender.append(info("before")).await.unwrap();
    let seq = running.appender.commit(info("intent"), Durability::Full).await.unwrap();
    let messages: Vec<_> = running.stored().await.into_iter().map(|event| event.message).collect();
    assert_eq!((seq, messages), (4, vec![String::new(), String::new(), "before".into(), "intent".into()]));
}

async fn tells_the_state_and_the_status(database: TestDatabase) {
    let running = Running::new(database).await;
    let mut status = running.appender.status();
    assert_eq!(*status.borrow_and_update(), DeploymentStatus::Running);
    running.appender.commit(info("a line"), Durability::Normal).await.unwrap();
    assert!(!status.has_changed().unwrap());
    let interrupted = EventBody::DeploymentInterrupted { reason: "the server stopped".into() };
    running.appender.commit(NewEvent::of_deployment(interrupted), Durability::Full).await.unwrap();
    assert_eq!(*status.borrow_and_update(), DeploymentStatus::Interrupted);

    let state = running.appender.state();
    assert_eq!(state, DeploymentState::fold(&running.stored().await).unwrap());
    assert_eq!(running.events.state(running.record.summary.id).await.unwrap(), Some(state.clone()));
    assert_eq!(running.appender.with_state(|state| state.last_seq), 4);
    // Without an appender it is folded from the store, passing over the log.
    running.appender.close().await;
    assert_eq!(running.events.state(running.record.summary.id).await.unwrap(), Some(state));
    let row = running.store().deployment(running.record.summary.id).await.unwrap().unwrap();
    assert_eq!((row.summary.status, row.summary.last_seq), (DeploymentStatus::Interrupted, 4));
}

async fn refuses_what_cannot_follow(database: TestDatabase) {
    let running = Running::new(database).await;
    let illegal = NewEvent::of_deployment(EventBody::DeploymentStarted { live: Default::default() });
    // Nobody waits for this one: it is logged.
    running.appender.append(illegal.clone()).await.unwrap();
    let error = running.appender.commit(illegal, Durability::Normal).await.unwrap_err();
    assert_eq!(error.to_string(), "event 3 (deployment_started) cannot follow: it is not queued");
    assert_eq!(running.appender.commit(info("goes on"), Durability::Normal).await.unwrap(), 3);
    assert_eq!(running.stored().await.len(), 3);
    assert_eq!(running.succeed().await, 4);
    let error = running.appender.commit(info("late"), Durability::Normal).await.unwrap_err();
    assert_eq!(error.to_string(), "event 5 (log_written) cannot follow: the deployment has succeeded");
}

async fn stops_when_it_is_fenced_off(database: TestDatabase) {
    let running = Running::new(database).await;
    let state = running.appender.state();
    let usurper = running.events.appender(running.record.summary.id, running.record.epoch + 1, state);
    let error = usurper.commit(info("not mine"), Durability::Normal).await.unwrap_err();
    assert!(matches!(error, AppendError::Fenced), "{error}");
    // The error of the first is what all later ones get.
    let error = usurper.append(info("still not mine")).await.unwrap_err();
    assert!(matches!(error, AppendError::Fenced), "{error}");
    assert_eq!(running.appender.commit(info("mine"), Durability::Normal).await.unwrap(), 3);
}

async fn close_commits_what_is_queued(database: TestDatabase) {
    let running = Running::new(database).await;
    let other = running.appender.clone();
    for count in 0..1_500 {
        other.append(info(count.to_string())).await.unwrap();
    }
    running.appender.close().await;
    assert_eq!(running.stored().await.len(), 2 + 1_500);
    let error = other.append(info("late")).await.unwrap_err();
    assert!(matches!(error, AppendError::Closed), "{error}");
    running.appender.close().await;
}

async fn stores_any_line(database: TestDatabase) {
    let running = Running::new(database).await;
    let mut stream = Box::pin(running.events.subscribe(running.record.summary.id, 2));
    let line = info("nul \0 bell \u{7} \u{1b}[1m \u{FFFF} \" \\");
    running.appender.commit(line, Durability::Normal).await.unwrap();
    let shown = decode(&stream.next().await.unwrap().unwrap());
    assert_eq!(shown[0].message, "nul \u{2400} bell \u{7} \u{1b}[1m \u{FFFF} \" \\");
    assert_eq!(running.stored().await[2..], shown);
}
