use super::*;
use crate::on_both_databases;
use windlass_api_types::{CommandId, ServerId};

on_both_databases!(
    the_owner_finds_its_commands,
    a_command_becomes_one_event,
    a_command_that_was_taken_leaves_no_event,
    the_end_forgets_commands,
    one_that_races_with_the_end_is_not_left,
    what_cannot_be_done_any_more_is_discarded,
);

fn cancel(deployment: DeploymentId, by: &str) -> NewCommand {
    NewCommand { deployment, kind: CommandKind::Cancel, data: json!({ "nul": "\u{0}" }), by: by.into(), now: NOW }
}

/// A deployment that a server of this id runs.
async fn running(fixture: &Fixture, owner: ServerId) -> DeploymentRecord {
    fixture.queued().await;
    fixture.store.claim_next(owner, NOW).await.unwrap().unwrap()
}

async fn append(
    fixture: &Fixture,
    record: &DeploymentRecord,
    ahead: u64,
    command: CommandId,
) -> Result<(), StoreError> {
    let cache = DeploymentCache { status: DeploymentStatus::Running, ..ended_cache() };
    let batch = AppendBatch {
        deployment: record.summary.id,
        epoch: record.epoch,
        events: &[event(record, ahead, EventBody::CancelRequested { by: "ada".into() })],
        cache: &cache,
        state_writes: &[],
        commands: &[command],
        durable: true,
    };
    fixture.store.append(&batch).await?;
    // Its answer was lost: it is asked for again.
    fixture.store.append(&batch).await
}

fn ended_cache() -> DeploymentCache {
    DeploymentCache {
        status: DeploymentStatus::Succeeded,
        started_at: Some(NOW),
        ended_at: None,
        failed_stage: None,
        failed_by: None,
        failure: None,
    }
}

async fn the_owner_finds_its_commands(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let (here, there) = (ServerId::new(), ServerId::new());
    let record = running(&fixture, here).await;
    let queued = fixture.queued().await;
    let new = cancel(record.summary.id, "ada");
    let first = fixture.store.send_command(&new).await.unwrap().unwrap();
    let second = NewCommand { kind: CommandKind::Resolve, by: "grace".into(), ..new.clone() };
    let second = fixture.store.send_command(&second).await.unwrap().unwrap();
    let unowned = fixture.store.send_command(&cancel(queued.summary.id, "ada")).await.unwrap();
    assert!(unowned.is_some(), "it stays until somebody owns the deployment");

    let found = fixture.store.commands_for(here).await.unwrap();
    let expected = Command {
        id: first,
        deployment: record.summary.id,
        kind: CommandKind::Cancel,
        data: new.data,
        by: "ada".into(),
        created_at: NOW,
    };
    assert_eq!(found[0], expected);
    assert_eq!((found.len(), found[1].id, found[1].kind), (2, second, CommandKind::Resolve));
    assert_eq!(fixture.store.commands_for(there).await.unwrap(), []);
    assert_eq!(fixture.store.commands_of(queued.summary.id).await.unwrap().len(), 1);
}

async fn a_command_becomes_one_event(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let record = running(&fixture, ServerId::new()).await;
    let command = fixture.store.send_command(&cancel(record.summary.id, "ada")).await.unwrap().unwrap();
    append(&fixture, &record, 1, command).await.unwrap();
    assert_eq!(fixture.store.commands_of(record.summary.id).await.unwrap(), []);
    assert_eq!(fixture.store.events(record.summary.id, 2, 10).await.unwrap().len(), 1);
}

async fn a_command_that_was_taken_leaves_no_event(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let record = running(&fixture, ServerId::new()).await;
    let command = fixture.store.send_command(&cancel(record.summary.id, "ada")).await.unwrap().unwrap();
    append(&fixture, &record, 1, command).await.unwrap();
    let error = append(&fixture, &record, 2, command).await.unwrap_err();
    assert!(matches!(error, StoreError::CommandTaken { command: taken } if taken == command), "{error}");
    assert_eq!(fixture.store.events(record.summary.id, 2, 10).await.unwrap().len(), 1);
    // What belongs to another deployment is not taken.
    let other = fixture.queued().await;
    let command = fixture.store.send_command(&cancel(other.summary.id, "ada")).await.unwrap().unwrap();
    append(&fixture, &record, 2, command).await.unwrap_err();
    assert_eq!(fixture.store.commands_of(other.summary.id).await.unwrap().len(), 1);
}

async fn the_end_forgets_commands(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let record = running(&fixture, ServerId::new()).await;
    fixture.store.send_command(&cancel(record.summary.id, "ada")).await.unwrap().unwrap();
    fixture.succeed(&record).await;
    assert_eq!(fixture.store.commands_of(record.summary.id).await.unwrap(), []);
    assert_eq!(fixture.store.send_command(&cancel(record.summary.id, "late")).await.unwrap(), None);
    assert_eq!(fixture.store.send_command(&cancel(DeploymentId::new(), "ada")).await.unwrap(), None);
}

async fn one_that_races_with_the_end_is_not_left(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    for _ in 0..10 {
        let record = running(&fixture, ServerId::new()).await;
        let sends = (0..8).map(|_| {
            let (store, id) = (fixture.store.clone(), record.summary.id);
            tokio::spawn(async move { while store.send_command(&cancel(id, "ada")).await.unwrap().is_some() {} })
        });
        let sends: Vec<_> = sends.collect();
        while fixture.store.commands_of(record.summary.id).await.unwrap().is_empty() {}
        fixture.succeed(&record).await;
        futures::future::join_all(sends).await.into_iter().for_each(Result::unwrap);
        assert_eq!(fixture.store.commands_of(record.summary.id).await.unwrap(), []);
    }
}

async fn what_cannot_be_done_any_more_is_discarded(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let record = running(&fixture, ServerId::new()).await;
    let command = fixture.store.send_command(&cancel(record.summary.id, "ada")).await.unwrap().unwrap();
    assert!(fixture.store.discard_command(command).await.unwrap());
    assert!(!fixture.store.discard_command(command).await.unwrap());
    assert_eq!(fixture.store.commands_of(record.summary.id).await.unwrap(), []);
}
