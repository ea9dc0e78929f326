//! Performing: intent, effect, answer.

use super::*;
use crate::on_both_databases;

on_both_databases!(
    an_effect_is_between_its_intent_and_its_answer,
    an_intent_is_stored_before_the_effect,
    a_failure_is_an_answer,
    a_denial_is_an_answer_and_nothing_is_done,
    a_canceled_deployment_performs_nothing_more,
    a_dropped_guest_leaves_no_effect_unrecorded,
    effects_are_limited,
    time_is_that_of_the_last_answer,
);

async fn an_effect_is_between_its_intent_and_its_answer(database: TestDatabase) {
    let stage = Stage::new(database).await;
    let world = Arc::new(Done::default());
    let journal = stage.journal(&world, &CancellationToken::new());
    let answer = journal.call(note("a", RepeatPolicy::Once)).await.unwrap();
    assert_eq!(answer.unwrap(), "did a");
    assert_eq!(stage.kinds().await, ["stage_run_started", "effect_started", "effect_completed"]);
}

async fn an_intent_is_stored_before_the_effect(database: TestDatabase) {
    let stage = Stage::new(database).await;
    let world = Arc::new(Done::default());
    let journal = stage.journal(&world, &CancellationToken::new());
    let slow = Note { takes: std::time::Duration::from_secs(3600), ..note("slow", RepeatPolicy::Once) };
    let call = tokio::spawn(async move { drop(journal.call(slow).await) });
    while stage.kinds().await.last() != Some(&"effect_started") {
        tokio::task::yield_now().await;
    }
    assert!(world.list().is_empty());
    call.abort();
}

async fn a_failure_is_an_answer(database: TestDatabase) {
    let stage = Stage::new(database).await;
    let journal = stage.journal(&Arc::default(), &CancellationToken::new());
    let failure = journal.call(note("fails", RepeatPolicy::Once)).await.unwrap().unwrap_err();
    assert_eq!((failure.code.as_str(), failure.hint.as_deref()), ("broke", Some("mend it")));
    assert_eq!(stage.kinds().await.last(), Some(&"effect_completed"));
}

async fn a_denial_is_an_answer_and_nothing_is_done(database: TestDatabase) {
    let stage = Stage::new(database).await;
    let world = Arc::new(Done::default());
    let journal = stage.journal(&world, &CancellationToken::new());
    let failure = journal.call(note("denied", RepeatPolicy::Once)).await.unwrap().unwrap_err();
    assert_eq!(failure.message, "not granted");
    assert!(world.list().is_empty());
    assert_eq!(stage.kinds().await, ["stage_run_started", "effect_started", "effect_completed"]);
}

async fn a_canceled_deployment_performs_nothing_more(database: TestDatabase) {
    let stage = Stage::new(database).await;
    let (world, cancel) = (Arc::new(Done::default()), CancellationToken::new());
    let journal = stage.journal(&world, &cancel);
    cancel.cancel();
    let failure = journal.call(note("late", RepeatPolicy::Once)).await.unwrap().unwrap_err();
    assert_eq!(failure.kind, ErrorKind::Canceled);
    assert!(world.list().is_empty());
    assert_eq!(stage.kinds().await.last(), Some(&"effect_completed"));
}

async fn a_dropped_guest_leaves_no_effect_unrecorded(database: TestDatabase) {
    let stage = Stage::new(database).await;
    let world = Arc::new(Done::default());
    let journal = stage.journal(&world, &CancellationToken::new());
    let slow = Note { takes: std::time::Duration::from_millis(50), ..note("slow", RepeatPolicy::Once) };
    let guest = {
        let journal = journal.clone();
        tokio::spawn(async move { drop(journal.call(slow).await) })
    };
    while stage.kinds().await.last() != Some(&"effect_started") {
        tokio::task::yield_now().await;
    }
    guest.abort();
    journal.settle().await;
    assert_eq!(world.list(), ["slow"]);
    assert_eq!(stage.kinds().await.last(), Some(&"effect_completed"));
}

async fn effects_are_limited(database: TestDatabase) {
    let stage = Stage::new(database).await;
    let journal = stage.journal(&Arc::default(), &CancellationToken::new());
    for _ in 0..10 {
        drop(journal.call(note("a", RepeatPolicy::Read)).await.unwrap());
    }
    let error = journal.call(note("a", RepeatPolicy::Read)).await.unwrap_err();
    assert_eq!(error.to_string(), "the stage made more than 10 capability calls");
}

async fn time_is_that_of_the_last_answer(database: TestDatabase) {
    let stage = Stage::new(database).await;
    let journal = stage.journal(&Arc::default(), &CancellationToken::new());
    let start = std::time::Duration::from_millis(stage.started as u64);
    assert_eq!(journal.clock().wall() - start, std::time::Duration::from_micros(1));
    assert_eq!(journal.clock().wall() - start, std::time::Duration::from_micros(2));
    drop(journal.call(note("a", RepeatPolicy::Read)).await.unwrap());
    let answered = stage.stored().await.last().unwrap().at;
    let expected = std::time::Duration::from_millis(answered as u64).max(start + std::time::Duration::from_micros(2));
    assert_eq!(journal.clock().wall(), expected + std::time::Duration::from_micros(1));
}
