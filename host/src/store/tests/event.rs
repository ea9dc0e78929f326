use super::*;
use crate::on_both_databases;
use windlass_api_types::{StageRunId, StageStatus};

on_both_databases!(encodes_what_it_reads, pages_are_bounded, filters_logs);

async fn encodes_what_it_reads(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let record = fixture.running().await;
    let run = Some(StageRunId::new());
    let mut events = vec![
        Event { stage_run: run, ..line(&record, 1, Level::Warning, "a \"line\" \n \u{1F600}") },
        event(&record, 2, EventBody::CancelRequested { by: "ada".into() }),
    ];
    fixture.append(&record, &events).await.unwrap();
    let page = fixture.store.encoded_events(record.summary.id, 2).await.unwrap().unwrap();
    assert_eq!((page.first_seq, page.last_seq, page.ended), (3, 4, false));
    assert_eq!(String::from_utf8(page.json).unwrap(), serde_json::to_string(&events).unwrap());

    events = vec![event(&record, 3, ended(DeploymentStatus::Succeeded))];
    fixture.append(&record, &events).await.unwrap();
    let page = fixture.store.encoded_events(record.summary.id, 4).await.unwrap().unwrap();
    assert!(page.ended);
    assert_eq!(String::from_utf8(page.json).unwrap(), serde_json::to_string(&events).unwrap());
    assert!(fixture.store.encoded_events(record.summary.id, 5).await.unwrap().is_none());
}

async fn pages_are_bounded(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let record = fixture.running().await;
    let long = "x".repeat(100 * 1024);
    let events: Vec<_> = (1..=10).map(|ahead| line(&record, ahead, Level::Info, &long)).collect();
    fixture.append(&record, &events).await.unwrap();
    let page = fixture.store.encoded_events(record.summary.id, 2).await.unwrap().unwrap();
    assert_eq!((page.first_seq, page.last_seq), (3, 5));
    // The reader whose rows were not read to their end serves on.
    let page = fixture.store.encoded_events(record.summary.id, 5).await.unwrap().unwrap();
    assert_eq!((page.first_seq, page.last_seq), (6, 8));
}

async fn filters_logs(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let record = fixture.running().await;
    let (one, two) = (StageRunId::new(), StageRunId::new());
    let in_run = |run, event: Event| Event { stage_run: Some(run), ..event };
    let events = [
        line(&record, 1, Level::Info, "host"),
        in_run(one, Event { message: "step".into(), ..event(&record, 2, EventBody::StepStarted { ordinal: 0 }) }),
        in_run(one, line(&record, 3, Level::Debug, "debug")),
        in_run(two, line(&record, 4, Level::Warning, "warning")),
        in_run(one, line(&record, 5, Level::Error, "error")),
        event(&record, 6, EventBody::CancelRequested { by: "ada".into() }),
        in_run(one, Event { message: "passed".into(), ..event(&record, 7, run_ended(StageStatus::Succeeded)) }),
        in_run(
            two,
            Event {
                message: "failed".into(),
                level: Some(Level::Error),
                ..event(&record, 8, run_ended(StageStatus::Failed))
            },
        ),
    ];
    fixture.append(&record, &events).await.unwrap();
    let messages = async |level, runs: Option<&[StageRunId]>, after, limit| {
        let filter = LogFilter { level, stage_runs: runs.map(<[StageRunId]>::to_vec) };
        let found = fixture.store.log_events(record.summary.id, after, limit, &filter).await.unwrap();
        found.into_iter().map(|event| event.message).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(messages(Level::Debug, None, 0, 100).await, "host step debug warning error failed");
    assert_eq!(messages(Level::Info, None, 0, 100).await, "host step warning error failed");
    assert_eq!(messages(Level::Warning, None, 0, 100).await, "warning error failed");
    assert_eq!(messages(Level::Error, None, 0, 100).await, "error failed");
    assert_eq!(messages(Level::Debug, Some(&[one]), 0, 100).await, "step debug error");
    assert_eq!(messages(Level::Warning, Some(&[one, two]), 0, 100).await, "warning error failed");
    assert_eq!(messages(Level::Debug, Some(&[]), 0, 100).await, "");
    assert_eq!(messages(Level::Debug, None, 4, 2).await, "debug warning");
}

fn run_ended(status: StageStatus) -> EventBody {
    EventBody::StageRunEnded { status, outputs: None, failure: None, failed_by: None, will_retry: false }
}
