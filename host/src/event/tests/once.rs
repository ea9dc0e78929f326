use super::*;
use crate::on_both_databases;

on_both_databases!(cancels_a_queued_deployment, a_claim_wins_over_a_cancel, appends_of_two_do_not_collide);

fn cancel() -> [NewEvent; 2] {
    let requested = EventBody::CancelRequested { by: "ada".into() };
    [requested, ended(DeploymentStatus::Canceled)].map(NewEvent::of_deployment)
}

async fn cancels_a_queued_deployment(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let events = Events::new(fixture.store.clone());
    let record = fixture.queued().await;
    let state = events.append_once(&record, &cancel()).await.unwrap();
    assert_eq!((state.status, state.cancel_requested), (Some(DeploymentStatus::Canceled), true));
    let row = fixture.store.deployment(record.summary.id).await.unwrap().unwrap();
    assert_eq!((row.summary.status, row.summary.last_seq), (DeploymentStatus::Canceled, 3));
    assert_eq!(events.claim_next(crate::store::tests::SERVER).await.unwrap(), None);
    let error = events.append_once(&row, &cancel()).await.unwrap_err();
    assert_eq!(error.to_string(), "event 4 (cancel_requested) cannot follow: the deployment has canceled");
}

async fn a_claim_wins_over_a_cancel(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let events = Events::new(fixture.store.clone());
    let queued = fixture.queued().await;
    events.claim_next(crate::store::tests::SERVER).await.unwrap().unwrap();
    let error = events.append_once(&queued, &cancel()).await.unwrap_err();
    assert!(matches!(error, AppendError::Fenced), "{error}");
}

async fn appends_of_two_do_not_collide(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let events = Events::new(fixture.store.clone());
    let record = fixture.queued().await;
    let request = |by: &str| [NewEvent::of_deployment(EventBody::CancelRequested { by: by.into() })];
    let (ada, grace) = (request("ada"), request("grace"));
    let both = futures::future::join(events.append_once(&record, &ada), events.append_once(&record, &grace));
    let (one, two) = both.await;
    let mut last = [one.unwrap().last_seq, two.unwrap().last_seq];
    last.sort_unstable();
    assert_eq!(last, [2, 3]);
    let stored = fixture.store.events(record.summary.id, 1, 10).await.unwrap();
    let mut by: Vec<_> = stored
        .iter()
        .map(|event| match &event.body {
            EventBody::CancelRequested { by } => by.as_str(),
            body => panic!("{body:?}"),
        })
        .collect();
    by.sort_unstable();
    assert_eq!(by, ["ada", "grace"]);
}
