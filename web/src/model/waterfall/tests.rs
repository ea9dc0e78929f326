use super::super::record::Record;
use super::super::record::fixture::{attempt_started, event, queued, run_ended, run_started, step};
use super::*;
use serde_json::json;
use windlass_api_types::Event;

fn started() -> Event {
    event(2, None, "deployment_started", json!({}))
}

fn rows_of(events: &[Event], toggled: &[&str]) -> Vec<Row> {
    let mut record = Record::default();
    record.take(events).1.expect("the events follow each other");
    let toggled = toggled.iter().map(|id| (*id).to_owned()).collect();
    rows(&record.state, &record.batches, &Choices { toggled, calm: false })
}

fn shown(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|row| format!("{} {} {}", row.key, row.status, row.note.as_deref().unwrap_or("-"))).collect()
}

#[test]
fn every_planned_stage_shows_from_the_start() {
    let rows = rows_of(&[queued(&[("build", &[]), ("up", &["web-1", "web-2"])])], &[]);
    assert_eq!(
        shown(&rows),
        ["stage build pending -", "stage up pending 0 of 2", "target up web-1 pending -", "target up web-2 pending -"]
    );
    assert!(rows.iter().all(|row| row.bars.is_empty() && row.span.is_none()));
}

#[test]
fn attempts_and_undo_are_bars_of_one_row() {
    let rows = rows_of(
        &[
            queued(&[("up", &["web-1"])]),
            started(),
            run_started(3, 1, "up", Some("web-1")),
            run_ended(4, 1, "failed", true),
            attempt_started(5, 2, "up", Some("web-1"), 2, "run"),
            run_ended(6, 2, "failed", false),
            attempt_started(7, 3, "up", Some("web-1"), 1, "undo"),
        ],
        &[],
    );
    assert_eq!(shown(&rows), ["stage up failed undoing"]);
    let bars: Vec<_> = rows[0].bars.iter().map(|bar| (bar.attempt, bar.undo, bar.end)).collect();
    assert_eq!(bars, [(1, false, Some(4_000)), (2, false, Some(6_000)), (1, true, None)]);
    assert_eq!(rows[0].span, Some((3_000, Some(6_000))));
}

#[test]
fn a_running_row_says_its_step_and_how_far_it_is() {
    let rows = rows_of(
        &[
            queued(&[("up", &[])]),
            started(),
            attempt_started(3, 1, "up", None, 2, "run"),
            step(4, 1, "Pull"),
            event(5, Some(1), "progress_made", json!({ "ordinal": 1, "done": 3, "total": 4, "unit": "layers" })),
        ],
        &[],
    );
    assert_eq!(shown(&rows), ["stage up running attempt 2 · Pull · 3/4 layers"]);
    assert_eq!(rows[0].progress, Some(0.75));
}

#[test]
fn many_targets_are_hidden_until_asked_for_and_few_until_sent_away() {
    let names: Vec<String> = (0..9).map(|n| format!("web-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let events = [queued(&[("up", &names), ("down", &["a", "b"])])];
    assert_eq!(rows_of(&events, &[]).len(), 1 + 1 + 2);
    assert_eq!(rows_of(&events, &["up", "down"]).len(), 1 + 9 + 1);
}

#[test]
fn a_rollout_has_a_heading_with_its_batch() {
    let mut first = queued(&[("up", &["web-1"]), ("healthy", &["web-1"])]);
    if let windlass_api_types::EventBody::DeploymentQueued { stages, .. } = &mut first.body {
        stages.iter_mut().for_each(|stage| stage.rollout = Some("web".into()));
    }
    let batch = json!({ "rollout": "web", "batch": 1, "batches": 3, "targets": ["web-1"] });
    let rows = rows_of(&[first, started(), event(3, None, "batch_started", batch)], &[]);
    assert_eq!(
        shown(&rows),
        ["rollout web pending batch 1 of 3: web-1", "stage up pending -", "stage healthy pending -"]
    );
}

#[test]
fn a_skipped_stage_says_why() {
    let skipped = json!({ "stage": "up", "reason": "only in production" });
    let rows = rows_of(&[queued(&[("up", &[])]), started(), event(3, None, "stage_skipped", skipped)], &[]);
    assert_eq!(shown(&rows), ["stage up skipped only in production"]);
}

#[test]
fn a_finished_deployment_shows_only_the_targets_that_matter() {
    let mut record = Record::default();
    let events = [
        queued(&[("up", &["a", "b"]), ("check", &["a", "b"]), ("route", &["a", "b"])]),
        started(),
        run_started(3, 1, "up", Some("a")),
        run_ended(4, 1, "succeeded", false),
        run_started(5, 2, "up", Some("b")),
        run_ended(6, 2, "succeeded", false),
        run_started(7, 3, "check", Some("a")),
        run_ended(8, 3, "succeeded", false),
        run_started(9, 4, "route", Some("a")),
        run_ended(10, 4, "succeeded", false),
        run_started(11, 5, "check", Some("b")),
        run_ended(12, 5, "failed", false),
        event(13, None, "deployment_ended", json!({ "status": "failed", "stage": "check" })),
    ];
    record.take(&events).1.expect("the events follow each other");
    let rows = rows(&record.state, &record.batches, &Choices { calm: true, ..Choices::default() });
    assert_eq!(
        shown(&rows),
        [
            "stage up succeeded 2 of 2",
            "stage check failed 1 of 2",
            "target check a succeeded -",
            "target check b failed -",
            // The second target was never reached: it has ended nevertheless.
            "stage route canceled 1 of 2",
            "target route a succeeded -",
            "target route b skipped -"
        ]
    );
    assert_eq!(rows[4].span, Some((9_000, Some(10_000))));
}

#[test]
fn an_interrupted_deployment_does_not_go_on() {
    let mut record = Record::default();
    let effect = json!({ "position": 0, "function": "ssh-exec.exec", "policy": "reattachable", "arguments": {} });
    let suspended = json!({ "status": "interrupted", "position": 0, "reason": "nobody can tell" });
    let interrupted =
        [event(6, Some(2), "effect_started", effect), event(7, Some(2), "stage_run_suspended", suspended)];
    let events = [
        queued(&[("up", &[]), ("check", &[])]),
        started(),
        run_started(3, 1, "up", None),
        run_ended(4, 1, "succeeded", false),
        run_started(5, 2, "check", None),
    ];
    record.take(&events).1.expect("the events follow each other");
    assert_eq!(extent(&record.state, 99_000), Some((2_000, 99_000)));
    record.take(&interrupted).1.expect("it follows");
    assert_eq!(extent(&record.state, 99_000), Some((2_000, 5_000)));
    let rows = rows(&record.state, &record.batches, &Choices::default());
    assert_eq!(rows[1].span, Some((5_000, Some(5_000))));
}
