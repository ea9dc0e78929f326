use super::fixture::{event, line, queued, run_ended, run_started};
use super::*;
use serde_json::json;
use windlass_api_types::{DeploymentStatus, Level};

fn events() -> Vec<Event> {
    vec![
        queued(&[("up", &[])]),
        event(2, None, "deployment_started", json!({})),
        run_started(3, 1, "up", None),
        line(4, 1, Level::Info, "one"),
        line(5, 1, Level::Info, "two"),
        run_ended(6, 1, "succeeded", false),
        event(7, None, "deployment_ended", json!({ "status": "succeeded" })),
    ]
}

fn texts(record: &Record) -> Vec<&str> {
    record.log.lines.iter().map(|line| &*line.text).collect()
}

#[test]
fn a_repeated_batch_changes_nothing() {
    let mut record = Record::default();
    let events = events();
    assert_eq!(record.take(&events[..5]).1, Ok(()));
    assert_eq!(record.take(&events[2..5]), (Changes::default(), Ok(())));
    assert_eq!(record.take(&events[3..]).1, Ok(()));
    assert_eq!(texts(&record), ["one", "two"]);
    assert_eq!(record.state.status, Some(DeploymentStatus::Succeeded));
}

#[test]
fn a_gap_is_noticed_and_loses_nothing_once_it_is_filled() {
    let mut record = Record::default();
    let events = events();
    record.take(&events[..4]).1.expect("they follow each other");
    assert_eq!(record.take(&events[5..]).1, Err(NotTaken::Gap { after: 4 }));
    assert_eq!(record.take(&events[4..]).1, Ok(()));
    assert_eq!(texts(&record), ["one", "two"]);
    assert_eq!(record.state.last_seq, 7);
}

#[test]
fn any_way_of_cutting_a_stream_gives_the_same_record() {
    let events = events();
    for cut in 0..events.len() {
        for overlap in 0..=cut {
            let mut record = Record::default();
            record.take(&events[..cut]).1.expect("they follow each other");
            record.take(&events[cut - overlap..]).1.expect("they follow each other");
            assert_eq!(record.state, DeploymentState::fold(&events).expect("it is legal"), "{cut} {overlap}");
            assert_eq!(texts(&record), ["one", "two"], "{cut} {overlap}");
        }
    }
}

#[test]
fn an_event_that_makes_no_sense_is_named() {
    let mut record = Record::default();
    record.take(&events()).1.expect("they follow each other");
    let (_, answer) = record.take(&[line(8, 1, Level::Info, "late")]);
    assert!(matches!(answer, Err(NotTaken::Illegal(illegal)) if illegal.seq == 8));
}

#[test]
fn changes_say_what_is_to_be_drawn() {
    let mut record = Record::default();
    let events = events();
    record.take(&events[..3]).1.expect("they follow each other");
    assert_eq!(record.take(&events[3..4]).0, Changes { log: true, ..Changes::default() });
    assert_eq!(record.take(&events[4..6]).0, Changes { log: true, state: true, effects: false });
}

#[test]
fn batches_are_kept_by_rollout() {
    let mut record = Record::default();
    let started = json!({ "rollout": "web", "batch": 1, "batches": 2, "targets": ["web-1"] });
    record.take(&[queued(&[]), event(2, None, "batch_started", started)]).1.expect("they follow each other");
    assert_eq!(record.batches["web"], [Batch { number: 1, of: 2, targets: vec!["web-1".into()] }]);
}
