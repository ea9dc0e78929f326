//! Replaying: the same answers, nothing performed, and no difference passes.

use super::*;
use crate::on_both_databases;
use expect_test::{Expect, expect};

on_both_databases!(
    a_replay_answers_the_same_and_performs_nothing,
    a_difference_stops_with_both_sides,
    a_longer_replay_stops,
    a_shorter_replay_is_a_divergence,
    an_effect_without_an_answer_stops,
    a_divergence_is_met_again,
    a_journal_goes_on_where_its_record_ends,
    log_lines_are_said_once,
);

/// A stage run that did `a` and `b`.
async fn recorded(database: TestDatabase) -> (Stage, Recorded) {
    let stage = Stage::new(database).await;
    let journal = stage.journal(&Arc::default(), &CancellationToken::new());
    drop(journal.call(note("a", RepeatPolicy::Once)).await.unwrap());
    drop(journal.call(note("fails", RepeatPolicy::Idempotent)).await.unwrap());
    let recorded = stage.recorded().await;
    (stage, recorded)
}

fn check(error: &impl std::fmt::Display, expected: &Expect) {
    expected.assert_eq(&error.to_string());
}

async fn a_replay_answers_the_same_and_performs_nothing(database: TestDatabase) {
    let (stage, recorded) = recorded(database).await;
    let journal = replay(&stage, recorded);
    assert_eq!(journal.call(note("a", RepeatPolicy::Once)).await.unwrap().unwrap(), "did a");
    let failure = journal.call(note("fails", RepeatPolicy::Idempotent)).await.unwrap().unwrap_err();
    assert_eq!((failure.message.as_str(), failure.hint.as_deref()), ("it broke", Some("mend it")));
    journal.finish().unwrap();
}

async fn a_difference_stops_with_both_sides(database: TestDatabase) {
    let (stage, recorded) = recorded(database).await;
    let journal = replay(&stage, recorded);
    let error = journal.call(note("other", RepeatPolicy::Once)).await.unwrap_err();
    check(
        &error,
        &expect![[r#"
            the replay differs from the record at effect 0:
              recorded: test.note (once) {"name":"a"}
              replayed: test.note (once) {"name":"other"}"#]],
    );
}

async fn a_longer_replay_stops(database: TestDatabase) {
    let (stage, recorded) = recorded(database).await;
    let journal = replay(&stage, recorded);
    drop(journal.call(note("a", RepeatPolicy::Once)).await.unwrap());
    drop(journal.call(note("fails", RepeatPolicy::Idempotent)).await.unwrap());
    let error = journal.call(note("more", RepeatPolicy::Read)).await.unwrap_err();
    check(
        &error,
        &expect![[r#"
            the replay goes on where the record ends, at effect 2:
              recorded: nothing
              replayed: test.note (read) {"name":"more"}"#]],
    );
}

async fn a_shorter_replay_is_a_divergence(database: TestDatabase) {
    let (stage, recorded) = recorded(database).await;
    let journal = replay(&stage, recorded);
    drop(journal.call(note("a", RepeatPolicy::Once)).await.unwrap());
    check(
        &journal.finish().unwrap_err(),
        &expect![[r#"
            the replay ends before its record, at effect 1:
              recorded: test.note (idempotent) {"name":"fails"}
              replayed: nothing: it ended"#]],
    );
}

async fn an_effect_without_an_answer_stops(database: TestDatabase) {
    let stage = Stage::new(database).await;
    let journal = stage.journal(&Arc::default(), &CancellationToken::new());
    let slow = Note { takes: std::time::Duration::from_secs(3600), ..note("slow", RepeatPolicy::Once) };
    let guest = tokio::spawn(async move { drop(journal.call(slow).await) });
    while stage.kinds().await.last() != Some(&"effect_started") {
        tokio::task::yield_now().await;
    }
    guest.abort();
    let journal = replay(&stage, stage.recorded().await);
    let error = journal.call(note("slow", RepeatPolicy::Once)).await.unwrap_err();
    check(
        &error,
        &expect![[r#"
            effect 0 has no recorded answer, so that the replay cannot go on:
              recorded: test.note (once) {"name":"slow"}"#]],
    );
}

async fn a_divergence_is_met_again(database: TestDatabase) {
    let (stage, recorded) = recorded(database).await;
    let journal = replay(&stage, recorded);
    let first = journal.call(note("other", RepeatPolicy::Once)).await.unwrap_err().to_string();
    let second = journal.call(note("a", RepeatPolicy::Once)).await.unwrap_err().to_string();
    assert_eq!(first, second);
    assert_eq!(journal.finish().unwrap_err().to_string(), first);
}

async fn a_journal_goes_on_where_its_record_ends(database: TestDatabase) {
    let (stage, recorded) = recorded(database).await;
    let world = Arc::new(Done::default());
    let options = options(recorded, &CancellationToken::new());
    let journal = Journal::perform(stage.run, stage.started, stage.appender.clone(), world.clone(), options);
    drop(journal.call(note("a", RepeatPolicy::Once)).await.unwrap());
    drop(journal.call(note("fails", RepeatPolicy::Idempotent)).await.unwrap());
    assert!(world.list().is_empty(), "what is recorded is not done again");
    assert_eq!(journal.call(note("c", RepeatPolicy::Once)).await.unwrap().unwrap(), "did c");
    assert_eq!(world.list(), ["c"]);
}

async fn log_lines_are_said_once(database: TestDatabase) {
    let stage = Stage::new(database).await;
    let journal = stage.journal(&Arc::default(), &CancellationToken::new());
    journal.write(windlass_api_types::Level::Info, "one\ntwo").await.unwrap();
    drop(journal.call(note("a", RepeatPolicy::Read)).await.unwrap());
    let options = options(stage.recorded().await, &CancellationToken::new());
    let again = Journal::perform(stage.run, stage.started, stage.appender.clone(), Arc::default(), options);
    again.write(windlass_api_types::Level::Info, "one\ntwo\nthree").await.unwrap();
    drop(again.call(note("a", RepeatPolicy::Read)).await.unwrap());
    drop(again.call(note("b", RepeatPolicy::Read)).await.unwrap());
    let stored = stage.stored().await;
    let lines: Vec<&str> = stored
        .iter()
        .filter(|event| matches!(event.body, EventBody::LogWritten { .. }))
        .map(|event| event.message.as_str())
        .collect();
    assert_eq!(lines, ["one", "two", "three"]);
}
