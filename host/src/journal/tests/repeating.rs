//! An effect whose server died before it had an answer: what the next one makes of it.

use super::*;
use crate::on_both_databases;
use std::time::Duration;
use windlass_api_types::{AnswerOrigin, Resolution, StageStatus};

on_both_databases!(
    what_reads_is_performed_again,
    what_does_no_harm_is_performed_again,
    what_runs_on_is_found_again,
    what_may_be_done_once_waits_for_a_person,
    what_happened_is_not_done_again,
    what_did_not_happen_is_done,
    what_failed_is_told_to_the_guest,
    what_was_started_is_told_that_it_is_canceled,
    what_is_handed_over_has_no_answer,
    an_effect_that_never_ends_is_named_and_left,
);

impl Stage {
    /// An effect that its server began and never ended; with the notes of the world that it left.
    async fn left(&self, policy: RepeatPolicy) {
        let journal = self.journal(&Arc::default(), &CancellationToken::new());
        let slow = Note { takes: Duration::from_secs(3600), ..note("a", policy) };
        let guest = tokio::spawn(async move { drop(journal.call(slow).await) });
        // One that reads is not waited for when it begins.
        while self.kinds().await.last() != Some(&"effect_started") {
            tokio::task::yield_now().await;
        }
        guest.abort();
    }

    /// The journal of the next server.
    async fn next(&self, world: &Arc<Done>, cancel: &CancellationToken) -> Journal<Done> {
        let options = options(self.recorded().await, cancel);
        Journal::perform(self.run, self.started, self.appender.clone(), world.clone(), options)
    }

    /// What a person says of the effect.
    async fn resolve(&self, resolution: Resolution) {
        let status = StageStatus::Interrupted;
        let suspended = EventBody::StageRunSuspended { status, position: 0, reason: "nobody knows".into() };
        let resolved = EventBody::EffectResolved { position: 0, resolution, by: "ada".into() };
        for body in [suspended, resolved] {
            self.appender.commit(NewEvent::of_run(self.run, body), Durability::Full).await.unwrap();
        }
    }

    async fn origin(&self) -> Option<AnswerOrigin> {
        self.stored().await.iter().rev().find_map(|event| match &event.body {
            EventBody::EffectCompleted { origin, .. } => Some(*origin),
            _ => None,
        })
    }
}

async fn is_performed_again(database: TestDatabase, policy: RepeatPolicy, origin: AnswerOrigin) {
    let stage = Stage::new(database).await;
    stage.left(policy).await;
    let world = Arc::new(Done::default());
    let journal = stage.next(&world, &CancellationToken::new()).await;
    assert_eq!(journal.call(note("a", policy)).await.unwrap().unwrap(), "did a");
    assert_eq!((world.list(), stage.origin().await), (vec!["a".into()], Some(origin)));
    let kinds = ["stage_run_started", "effect_started", "effect_started", "effect_completed"];
    assert_eq!(stage.kinds().await, kinds, "that it was performed again is in the record");
}

async fn what_reads_is_performed_again(database: TestDatabase) {
    is_performed_again(database, RepeatPolicy::Read, AnswerOrigin::Performed).await;
}

async fn what_does_no_harm_is_performed_again(database: TestDatabase) {
    is_performed_again(database, RepeatPolicy::Idempotent, AnswerOrigin::Performed).await;
}

async fn what_runs_on_is_found_again(database: TestDatabase) {
    is_performed_again(database, RepeatPolicy::Reattachable, AnswerOrigin::Found).await;
}

async fn what_may_be_done_once_waits_for_a_person(database: TestDatabase) {
    let stage = Stage::new(database).await;
    stage.left(RepeatPolicy::Once).await;
    let world = Arc::new(Done::default());
    let journal = stage.next(&world, &CancellationToken::new()).await;
    let error = journal.call(note("a", RepeatPolicy::Once)).await.unwrap_err();
    let CallError::Suspended(suspension) = error else { panic!("{error}") };
    assert_eq!((suspension.status, suspension.position), (StageStatus::Interrupted, 0));
    assert_eq!(suspension.to_string(), "test.note: the server ended before it knew whether this had happened");
    assert_eq!((world.list().len(), stage.kinds().await.len()), (0, 2), "nothing is done, and nothing is said");
}

/// Answers what the guest gets, and what was done for it.
async fn resolved(database: TestDatabase, resolution: Resolution) -> (Answered<String>, Vec<String>, Stage) {
    let stage = Stage::new(database).await;
    stage.left(RepeatPolicy::Once).await;
    stage.resolve(resolution).await;
    let world = Arc::new(Done::default());
    let journal = stage.next(&world, &CancellationToken::new()).await;
    let answer = journal.call(note("a", RepeatPolicy::Once)).await.unwrap();
    (answer, world.list(), stage)
}

async fn what_happened_is_not_done_again(database: TestDatabase) {
    let (answer, done, stage) = resolved(database, Resolution::Done).await;
    assert_eq!((answer.unwrap(), done), ("invented a".into(), vec![]));
    assert_eq!(stage.origin().await, Some(AnswerOrigin::Resolved));
}

async fn what_did_not_happen_is_done(database: TestDatabase) {
    let (answer, done, stage) = resolved(database, Resolution::Retry).await;
    assert_eq!((answer.unwrap(), done), ("did a".into(), vec!["a".to_owned()]));
    assert_eq!(stage.origin().await, Some(AnswerOrigin::Performed));
    // Had this server died too, nobody would have said what became of the second time.
    let recorded = stage.recorded().await;
    assert_eq!(recorded.len(), 1);
}

async fn what_failed_is_told_to_the_guest(database: TestDatabase) {
    let (answer, done, stage) = resolved(database, Resolution::Fail).await;
    assert_eq!((answer.unwrap_err().code.as_str(), done), ("resolved-failed", vec![]));
    assert_eq!(stage.origin().await, Some(AnswerOrigin::Resolved));
}

/// Canceled, what an earlier server has started is performed all the same: it must be ended. What was not started
/// is not.
async fn what_was_started_is_told_that_it_is_canceled(database: TestDatabase) {
    let stage = Stage::new(database).await;
    stage.left(RepeatPolicy::Reattachable).await;
    let (world, cancel) = (Arc::new(Done::default()), CancellationToken::new());
    cancel.cancel();
    let journal = stage.next(&world, &cancel).await;
    drop(journal.call(note("a", RepeatPolicy::Reattachable)).await.unwrap());
    let refused = journal.call(note("b", RepeatPolicy::Reattachable)).await.unwrap().unwrap_err();
    assert_eq!((refused.kind, world.list()), (ErrorKind::Canceled, vec!["a".to_owned()]));
}

async fn what_is_handed_over_has_no_answer(database: TestDatabase) {
    let stage = Stage::new(database).await;
    let (world, hand_over) = (Arc::new(Done::default()), CancellationToken::new());
    let options =
        JournalOptions { hand_over: hand_over.clone(), ..options(Recorded::default(), &CancellationToken::new()) };
    let journal = Journal::perform(stage.run, stage.started, stage.appender.clone(), world.clone(), options);
    let slow = Note { takes: Duration::from_secs(3600), ..note("a", RepeatPolicy::Reattachable) };
    let (left, ()) = tokio::join!(journal.call(slow), async {
        while stage.kinds().await.last() != Some(&"effect_started") {
            tokio::task::yield_now().await;
        }
        hand_over.cancel();
    });
    assert!(matches!(left, Err(CallError::HandedOver)), "{left:?}");
    let refused = journal.call(note("b", RepeatPolicy::Idempotent)).await;
    assert!(matches!(refused, Err(CallError::HandedOver)), "{refused:?}");
    assert_eq!(stage.kinds().await, ["stage_run_started", "effect_started"]);
}

async fn an_effect_that_never_ends_is_named_and_left(database: TestDatabase) {
    let stage = Stage::new(database).await;
    let journal = stage.journal(&Arc::default(), &CancellationToken::new());
    let endless = Note { takes: Duration::MAX, ..note("a", RepeatPolicy::Once) };
    let guest = tokio::spawn({
        let journal = journal.clone();
        async move { journal.call(endless).await }
    });
    while stage.kinds().await.last() != Some(&"effect_started") {
        tokio::task::yield_now().await;
    }
    assert_eq!(journal.settle_within(Duration::from_millis(1)).await, Some("test.note"));
    let left = guest.await.unwrap();
    assert!(matches!(left, Err(CallError::Abandoned { function: "test.note" })), "{left:?}");
    assert_eq!(stage.kinds().await, ["stage_run_started", "effect_started"]);
}
