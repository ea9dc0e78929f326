//! Events for the tests of this crate.

use serde_json::{Value, json};
use windlass_api_types::{Event, Level, StageRunId};

/// The id of a stage run by a small number.
pub(crate) fn run_id(number: u128) -> StageRunId {
    event(1, Some(number), "log_written", json!({})).stage_run.expect("it was given one")
}

pub(crate) fn event(seq: u64, run: Option<u128>, kind: &str, data: Value) -> Event {
    let run = run.map(|number| format!("00000000-0000-7000-8000-{number:012x}"));
    let event = json!({
        "deployment_id": "00000000-0000-7000-8000-000000000000",
        "seq": seq,
        "at": seq * 1_000,
        "stage_run": run,
        "kind": kind,
        "data": data,
    });
    serde_json::from_value(event).expect("the fixture is an event")
}

/// The first event, of stages with their targets.
pub(crate) fn queued(stages: &[(&str, &[&str])]) -> Event {
    let stages: Vec<_> = stages
        .iter()
        .map(|(id, targets)| json!({ "id": id, "plugin": "run@1.0.0", "targets": targets, "rollout": null }))
        .collect();
    event(
        1,
        None,
        "deployment_queued",
        json!({
            "number": 41, "reason": "deploy", "actor": "ada", "release": "20260305-143022", "stages": stages,
        }),
    )
}

pub(crate) fn run_started(seq: u64, run: u128, stage: &str, target: Option<&str>) -> Event {
    attempt_started(seq, run, stage, target, 1, "run")
}

pub(crate) fn attempt_started(
    seq: u64,
    run: u128,
    stage: &str,
    target: Option<&str>,
    attempt: u32,
    mode: &str,
) -> Event {
    event(
        seq,
        Some(run),
        "stage_run_started",
        json!({
            "stage": stage, "target": target, "attempt": attempt, "mode": mode,
            "plugin": "run@1.0.0", "digest": "sha256:00", "context": {},
        }),
    )
}

pub(crate) fn run_ended(seq: u64, run: u128, status: &str, will_retry: bool) -> Event {
    let failure = (status == "failed").then(
        || json!({ "kind": "failed", "code": "unhealthy", "message": "it is not healthy", "hint": "read its log" }),
    );
    event(seq, Some(run), "stage_run_ended", json!({ "status": status, "failure": failure, "will_retry": will_retry }))
}

pub(crate) fn line(seq: u64, run: u128, level: Level, text: &str) -> Event {
    let mut event = event(seq, Some(run), "log_written", json!({}));
    event.level = Some(level);
    event.message = text.into();
    event
}

pub(crate) fn step(seq: u64, run: u128, name: &str) -> Event {
    let mut event = event(seq, Some(run), "step_started", json!({ "ordinal": 0 }));
    event.message = name.into();
    event
}
