use super::super::record::Record;
use super::super::record::fixture::{event, line, queued, run_ended, run_id, run_started, step};
use super::*;
use serde_json::{Value, json};
use windlass_api_types::Event;

fn record(rest: Vec<Event>) -> Record {
    let mut record = Record::default();
    let mut events = vec![
        queued(&[("up", &["web-1"]), ("healthy", &["web-1"])]),
        event(2, None, "deployment_started", json!({})),
        run_started(3, 1, "up", Some("web-1")),
        line(4, 1, Level::Info, "started"),
        run_ended(5, 1, "succeeded", false),
        run_started(6, 2, "healthy", Some("web-1")),
    ];
    events.extend(rest);
    record.take(&events).1.expect("the events follow each other");
    record
}

fn ended(seq: u64, data: Value) -> Event {
    event(seq, None, "deployment_ended", data)
}

fn explained(record: &Record) -> Option<Explanation> {
    explain(&record.state, "shop#41", "shop", "production")
}

#[test]
fn a_failed_deployment_names_stage_target_and_next_steps() {
    let record = record(vec![
        run_ended(7, 2, "failed", false),
        ended(
            8,
            json!({
                "status": "failed", "failed_by": "plugin", "stage": "healthy", "standing": ["web-1 runs the old release"],
            }),
        ),
    ]);
    let explanation = explained(&record).expect("it failed");
    assert_eq!(explanation.title, "healthy failed on web-1");
    assert_eq!(explanation.message.as_deref(), Some("it is not healthy"));
    assert_eq!(explanation.hint.as_deref(), Some("read its log"));
    assert_eq!(explanation.run, Some(run_id(2)));
    assert_eq!(explanation.standing, ["web-1 runs the old release"]);
    assert_eq!(explanation.next, ["windlass logs shop#41 --stage healthy", "windlass effects shop#41"]);
}

#[test]
fn a_rollback_is_offered_only_where_the_release_went_live() {
    let record = record(vec![
        event(7, None, "release_activated", json!({ "target": "web-1", "release": "r" })),
        run_ended(8, 2, "timed_out", false),
        ended(9, json!({ "status": "failed", "stage": "healthy" })),
    ]);
    let explanation = explained(&record).expect("it failed");
    assert_eq!(explanation.title, "healthy timed out on web-1");
    assert!(explanation.next.contains(&"windlass rollback shop --to production".to_owned()));
}

#[test]
fn an_interrupted_deployment_says_what_nobody_knows() {
    let effect = json!({ "position": 0, "function": "ssh-exec.exec", "policy": "reattachable", "arguments": {} });
    let suspended = json!({ "status": "interrupted", "position": 0, "reason": "nobody can tell" });
    let record =
        record(vec![event(7, Some(2), "effect_started", effect), event(8, Some(2), "stage_run_suspended", suspended)]);
    let explanation = explained(&record).expect("it is interrupted");
    assert_eq!(explanation.message.as_deref(), Some("Nobody knows what became of healthy on web-1."));
    assert_eq!(explanation.run, Some(run_id(2)));
    assert_eq!(explanation.next[0], "windlass resolve shop#41 --done");
}

#[test]
fn what_cannot_go_on_says_what_is_to_be_mended() {
    let record = record(vec![event(7, None, "deployment_interrupted", json!({ "reason": "a plugin is gone" }))]);
    let explanation = explained(&record).expect("it is interrupted");
    assert_eq!(explanation.message.as_deref(), Some("a plugin is gone"));
    assert_eq!(explanation.next[0], "windlass cancel shop#41");
}

#[test]
fn nothing_is_explained_while_all_is_well() {
    assert_eq!(explained(&record(vec![])), None);
}

#[test]
fn the_first_error_of_the_run_is_quoted() {
    let record = record(vec![
        step(7, 2, "probe"),
        line(8, 2, Level::Info, "waiting"),
        line(9, 2, Level::Error, "503"),
        line(10, 2, Level::Error, "KeyError"),
        line(11, 2, Level::Info, "giving up"),
    ]);
    assert_eq!(quote(&record.log, run_id(2)), Some(Quote { line: 3, text: "503\nKeyError".into() }));
}

#[test]
fn without_an_error_the_last_lines_are_quoted() {
    let record = record(vec![line(7, 2, Level::Info, "a"), line(8, 2, Level::Info, ""), line(9, 2, Level::Info, "b")]);
    assert_eq!(quote(&record.log, run_id(2)), Some(Quote { line: 1, text: "a\nb".into() }));
    assert_eq!(quote(&record.log, run_id(9)), None);
}
