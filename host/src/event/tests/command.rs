use super::*;
use crate::on_both_databases;
use crate::store::{CommandKind, NewCommand};
use windlass_api_types::CommandId;

on_both_databases!(the_appender_takes_a_command_once, two_who_append_once_take_a_command_once);

async fn send(events: &Events, record: &DeploymentRecord) -> CommandId {
    let command = NewCommand {
        deployment: record.summary.id,
        kind: CommandKind::Cancel,
        data: serde_json::Value::Null,
        by: "ada".into(),
        now: now(),
    };
    let mut told = events.commands_told();
    let sent = events.send_command(&command).await.unwrap().unwrap();
    assert!(told.has_changed().unwrap(), "who runs it is woken");
    told.mark_unchanged();
    sent
}

fn requested(command: CommandId) -> NewEvent {
    NewEvent::of_deployment(EventBody::CancelRequested { by: "ada".into() }).command(command)
}

/// However often its row was read before its event was committed.
async fn the_appender_takes_a_command_once(database: TestDatabase) {
    let running = Running::new(database).await;
    let command = send(&running.events, &running.record).await;
    running.appender.append(requested(command)).await.unwrap();
    running.appender.append(requested(command)).await.unwrap();
    let error = running.appender.commit(requested(command), Durability::Full).await.unwrap_err();
    assert_eq!(error.to_string(), format!("command {command} was taken already"));
    assert_eq!(running.appender.commit(info("goes on"), Durability::Full).await.unwrap(), 4);
    assert_eq!(running.stored().await.len(), 4);
    assert_eq!(running.store().commands_of(running.record.summary.id).await.unwrap(), []);
}

async fn two_who_append_once_take_a_command_once(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let (one, two) = (Events::new(fixture.store.clone()), Events::new(fixture.store.clone()));
    let record = fixture.queued().await;
    let command = send(&one, &record).await;
    let events = [requested(command)];
    let results = futures::future::join(one.append_once(&record, &events), two.append_once(&record, &events)).await;
    for result in [&results.0, &results.1] {
        // Events that are the same to the millisecond are one, and both are answered so.
        assert!(matches!(result, Ok(_) | Err(AppendError::CommandTaken { .. })), "{result:?}");
    }
    assert!(results.0.is_ok() || results.1.is_ok());
    assert_eq!(fixture.store.commands_of(record.summary.id).await.unwrap(), []);
    assert_eq!(fixture.store.events(record.summary.id, 1, 10).await.unwrap().len(), 1);
}
