use super::*;
use crate::on_both_databases;
use windlass_api_types::StageStatus;

on_both_databases!(
    keeps_events_as_they_are,
    fences_off_a_former_owner,
    refuses_a_gap,
    is_there_once_however_often_it_is_appended,
    all_or_nothing,
    many_deployments_at_once,
    a_bad_batch_spoils_no_other,
    the_commit_that_a_stage_names_is_the_releases,
);

fn awkward(record: &DeploymentRecord) -> Vec<Event> {
    let run = windlass_api_types::StageRunId::new();
    let started = EventBody::StageRunStarted {
        stage: "up".into(),
        target: Some("web-1".into()),
        attempt: 1,
        mode: windlass_api_types::RunMode::Run,
        plugin: "run@1.0.0".into(),
        digest: "sha256:0".into(),
        // What a database's own JSON functions stumble over.
        context: json!({ "nul": "a\u{0}b", "deep": [[[[1e300]]]], "quote": "\"\\", "big": u64::MAX }),
    };
    let mut events = vec![
        event(record, 1, started),
        line(record, 2, Level::Error, "naïve \u{1F600} \"quoted\" \\ tab\t 'single' \u{1b}[31m"),
        line(record, 3, Level::Debug, ""),
    ];
    events.iter_mut().for_each(|event| event.stage_run = Some(run));
    events
}

async fn keeps_events_as_they_are(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let record = fixture.running().await;
    let events = awkward(&record);
    fixture.append(&record, &events).await.unwrap();
    assert_eq!(fixture.store.events(record.summary.id, 2, 100).await.unwrap(), events);
    let progress = fixture.store.progress(record.summary.id).await.unwrap();
    assert_eq!(progress, Some((DeploymentStatus::Running, 5)));
}

async fn fences_off_a_former_owner(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let queued = fixture.queued().await;
    let running = fixture.store.claim_next(SERVER, NOW).await.unwrap().unwrap();
    let error = fixture.append(&queued, &[line(&running, 1, Level::Info, "late")]).await.unwrap_err();
    assert!(matches!(error, StoreError::Fenced { deployment } if deployment == running.summary.id), "{error}");
    assert_eq!(fixture.store.events(running.summary.id, 2, 10).await.unwrap(), []);
    fixture.append(&running, &[line(&running, 1, Level::Info, "mine")]).await.unwrap();
}

async fn refuses_a_gap(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let record = fixture.running().await;
    let error = fixture.append(&record, &[line(&record, 2, Level::Info, "too far")]).await.unwrap_err();
    assert!(matches!(error, StoreError::OutOfStep { expected: 3, found: 2, .. }), "{error}");
    assert_eq!(fixture.store.events(record.summary.id, 2, 10).await.unwrap(), []);
}

async fn is_there_once_however_often_it_is_appended(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let record = fixture.running().await;
    let events = [line(&record, 1, Level::Info, "one"), line(&record, 2, Level::Info, "two")];
    fixture.append(&record, &events).await.unwrap();
    fixture.append(&record, &events).await.unwrap();
    assert_eq!(fixture.store.events(record.summary.id, 2, 10).await.unwrap(), events);
}

async fn all_or_nothing(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let record = fixture.running().await;
    let events = [event(&record, 1, EventBody::CancelRequested { by: "ada".into() })];
    let cache = DeploymentCache::from(&windlass_api_types::DeploymentState::default());
    let write = |environment| StateWrite {
        environment,
        plugin: "run".into(),
        key: "po\0rt".into(),
        entry: Some(StateEntry { value: "80\080".into(), version: 1 }),
    };
    let (good, bad) = ([write(fixture.environment)], [write(EnvironmentId::new())]);
    let mut batch = AppendBatch {
        deployment: record.summary.id,
        epoch: record.epoch,
        events: &events,
        cache: &cache,
        state_writes: &bad,
        commands: &[],
        durable: true,
    };
    let error = fixture.store.append(&batch).await.unwrap_err();
    assert!(matches!(error, StoreError::Constraint { .. }), "{error}");
    let progress = fixture.store.progress(record.summary.id).await.unwrap();
    assert_eq!(progress, Some((DeploymentStatus::Running, 2)));

    batch.state_writes = &good;
    fixture.store.append(&batch).await.unwrap();
    let entry = fixture.store.state_get(fixture.environment, "run", "po\0rt").await.unwrap();
    assert_eq!(entry, Some(StateEntry { value: "80\080".into(), version: 1 }));
    assert_eq!(fixture.store.events(record.summary.id, 2, 10).await.unwrap(), events);

    let remove = [StateWrite { entry: None, ..write(fixture.environment) }];
    let events = [event(&record, 2, EventBody::CancelRequested { by: "grace".into() })];
    let batch = AppendBatch { events: &events, state_writes: &remove, ..batch };
    fixture.store.append(&batch).await.unwrap();
    assert_eq!(fixture.store.state_get(fixture.environment, "run", "po\0rt").await.unwrap(), None);
}

async fn many_deployments_at_once(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let mut records = running(&fixture, 8).await;
    // One of them is fenced off: the others do not suffer from it.
    records[3].epoch += 1;
    let appended = records.iter().map(async |record| {
        for ahead in 1..=20 {
            fixture.append(record, &[line(record, ahead, Level::Info, "line")]).await?;
        }
        Ok::<_, StoreError>(())
    });
    let appended = futures::future::join_all(appended).await;
    for (index, (record, result)) in records.iter().zip(appended).enumerate() {
        let count = fixture.store.events(record.summary.id, 2, 100).await.unwrap().len();
        match index {
            3 => assert!(matches!((result, count), (Err(StoreError::Fenced { .. }), 0))),
            _ => assert_eq!((result.is_ok(), count), (true, 20)),
        }
    }
}

async fn a_bad_batch_spoils_no_other(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let records = running(&fixture, 6).await;
    let cache = DeploymentCache::from(&windlass_api_types::DeploymentState::default());
    let nowhere = StateWrite { environment: EnvironmentId::new(), plugin: "run".into(), key: "k".into(), entry: None };
    let nowhere = [StateWrite { entry: Some(StateEntry { value: "v".into(), version: 1 }), ..nowhere }];
    let appended = records.iter().enumerate().map(async |(index, record)| {
        let batch = AppendBatch {
            deployment: record.summary.id,
            epoch: record.epoch,
            events: &[line(record, 1, Level::Info, "line")],
            cache: &cache,
            state_writes: if index == 2 { &nowhere } else { &[] },
            commands: &[],
            durable: false,
        };
        fixture.store.append(&batch).await
    });
    let appended = futures::future::join_all(appended).await;
    for (index, (record, result)) in records.iter().zip(appended).enumerate() {
        let stored = fixture.store.events(record.summary.id, 2, 10).await.unwrap().len();
        match index {
            2 => assert!(matches!((&result, stored), (Err(StoreError::Constraint { .. }), 0)), "{result:?}"),
            _ => assert!(matches!((&result, stored), (Ok(()), 1)), "{result:?}"),
        }
    }
}

/// As many deployments that run, each in an environment of its own.
async fn running(fixture: &Fixture, count: usize) -> Vec<DeploymentRecord> {
    let mut records = Vec::new();
    for number in 0..count {
        let name = format!("qa-{number}");
        let environment_id = fixture.store.upsert_environment(fixture.project, &name, &BTreeMap::new()).await.unwrap();
        let new = NewDeployment { environment_id, ..fixture.new_deployment() };
        fixture.store.create_deployment(&new).await.unwrap();
        records.push(fixture.store.claim_next(SERVER, NOW).await.unwrap().unwrap());
    }
    records
}

#[tokio::test]
async fn syncs_the_disk_for_what_must_be_durable() {
    let fixture = Fixture::new(TestDatabase::sqlite()).await;
    let record = fixture.running().await;
    let setting = async || {
        let row = fixture.store.execute_returning(crate::store::query::query("pragma synchronous")).await.unwrap();
        sqlx::Row::get::<i64, _>(&row.unwrap(), 0)
    };
    fixture.append(&record, &[line(&record, 1, Level::Info, "a line")]).await.unwrap();
    assert_eq!(setting().await, 1, "normal");
    let record = fixture.store.deployment(record.summary.id).await.unwrap().unwrap();
    fixture.succeed(&record).await;
    assert_eq!(setting().await, 2, "full");
}

async fn the_commit_that_a_stage_names_is_the_releases(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let record = fixture.running().await;
    let end = |ahead, status, outputs| {
        let body = EventBody::StageRunEnded {
            status,
            outputs: Some(outputs),
            failure: None,
            failed_by: None,
            will_retry: false,
        };
        event(&record, ahead, body)
    };
    let commit = json!({ "sha": "4f1c", "branch": "main", "message": "Sell shoes", "author": null });
    let events = [
        end(1, StageStatus::Succeeded, json!({ "commit": commit, "directory": "x" })),
        end(2, StageStatus::Succeeded, json!({ "commit": "no commit" })),
        end(3, StageStatus::Failed, json!({ "commit": { "sha": "other" } })),
    ];
    fixture.append(&record, &events).await.unwrap();
    let found = fixture.store.deployment(record.summary.id).await.unwrap().unwrap().summary.commit.unwrap();
    assert_eq!((found.sha.as_str(), found.branch.as_deref()), ("4f1c", Some("main")));
    assert_eq!(fixture.store.release_by_id(fixture.release).await.unwrap().unwrap().commit, Some(found));
}
