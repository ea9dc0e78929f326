//! Events as lines: the plain progress of a deployment, and its log.

use super::style::{self, DIM, paint};
use super::text::{clean, clean_block, first_line};
use super::time;
use jiff::tz::TimeZone;
use windlass_api_types::approval::Approval;
use windlass_api_types::{Decision, DeploymentState, Event, EventBody, Level, RunMode, StageRunState, StageStatus};

/// One line about an event, without its time; none for events that are not news to a person. `state` has
/// taken the event in.
pub fn line(event: &Event, state: &DeploymentState) -> Option<String> {
    let run = run_of(event, state);
    let place = run.map(place).unwrap_or_default();
    Some(match &event.body {
        EventBody::DeploymentQueued { actor, release, .. } => format!("queued: release {release}, by {actor}"),
        EventBody::DeploymentStarted { .. } => "started".into(),
        EventBody::CancelRequested { by } => paint(style::WARNING, &format!("{} asked to cancel", clean(by))),
        EventBody::DeploymentResumed { .. } => "goes on where it was left".into(),
        EventBody::TimeoutReached { after } => {
            paint(style::WARNING, &format!("its timeout of {:?} is over", std::time::Duration::from_millis(*after)))
        }
        EventBody::StageRunSuspended { status, reason, .. } => {
            paint(style::WARNING, &format!("? {place}  {status}: {}", first_line(reason)))
        }
        EventBody::StageRunResumed { .. } => format!("{} {place}  goes on", paint(style::RUNNING, "●")),
        EventBody::EffectResolved { resolution, by, .. } => {
            format!("  {}  {} said: {resolution}", paint(DIM, &place), clean(by))
        }
        EventBody::DeploymentInterrupted { reason } => {
            paint(style::WARNING, &format!("interrupted: {}", first_line(reason)))
        }
        EventBody::ApprovalRequested { prompt, stage, .. } => {
            let place = stage.as_deref().unwrap_or("the deployment");
            paint(style::WARNING, &format!("◌ {place} waits for a person: {}", first_line(prompt)))
        }
        EventBody::ApprovalDecided { key, decision, by } => decided(state, key, *decision, by.as_deref()),
        EventBody::BatchStarted { rollout, batch, batches, targets } => {
            format!("rollout {rollout}: batch {batch} of {batches}: {}", targets.join(", "))
        }
        EventBody::StageSkipped { stage, target, reason } => {
            let place = target.iter().fold(stage.clone(), |stage, target| format!("{stage}  {target}"));
            paint(DIM, &format!("– {place}  skipped: {}", first_line(reason)))
        }
        EventBody::StageRunStarted { .. } => format!("{} {place}", paint(style::RUNNING, "●")),
        EventBody::StageRunEnded { .. } => ended(event, run?),
        EventBody::ReleaseActivated { target, release } => {
            let place = target.iter().fold(String::new(), |_, target| format!(" on {target}"));
            format!("release {release} is live{place}")
        }
        EventBody::StepStarted { .. } => format!("  {}  {}", paint(DIM, &place), clean(&event.message)),
        EventBody::LogWritten { .. } => {
            let level = event.level.unwrap_or(Level::Info);
            if level == Level::Debug {
                return None;
            }
            format!("  {}  {}", paint(DIM, &place), paint(style::level(level), &clean(&event.message)))
        }
        EventBody::ProbeAttempted { .. } => paint(DIM, &format!("  {place}  {}", probe(event)?)),
        EventBody::DeploymentEnded { .. }
        | EventBody::ProgressMade { .. }
        | EventBody::EffectStarted { .. }
        | EventBody::EffectCompleted { .. } => return None,
    })
}

fn decided(state: &DeploymentState, key: &str, decision: Decision, by: Option<&str>) -> String {
    let place = state.approval(key).map_or("the deployment", Approval::place);
    let by = by.map(|by| format!(" by {}", clean(by))).unwrap_or_default();
    match decision {
        Decision::Approved => paint(style::SUCCESS, &format!("✓ {place} is approved{by}")),
        Decision::Rejected => paint(style::FAILURE, &format!("✗ {place} is rejected{by}")),
        Decision::Expired => paint(style::FAILURE, &format!("✗ nobody approved {place} in time")),
    }
}

fn ended(event: &Event, run: &StageRunState) -> String {
    let EventBody::StageRunEnded { status, failure, will_retry, .. } = &event.body else { return String::new() };
    let (symbol, color) = style::stage(*status);
    let took = paint(DIM, &time::took(event.at - run.started_at));
    let mut text = format!("{} {}  {took}", paint(color, symbol), place(run));
    if let Some(failure) = failure {
        text.push_str(&format!("  {}", first_line(failure.message_on(run.target.as_deref()))));
    } else if !matches!(status, StageStatus::Succeeded) {
        text.push_str(&format!("  {status}"));
    }
    if *will_retry {
        text.push_str(", another attempt follows");
    }
    text
}

/// A line of the log, with its time and level; none for what is no log. The end of a failed stage run has
/// all of its reason and its hint, on lines of their own. For `windlass logs`.
pub fn log_line(event: &Event, state: &DeploymentState, zone: &TimeZone) -> Option<String> {
    let (mark, color) = match (&event.body, event.level) {
        (EventBody::StepStarted { .. }, _) => ("▸", style::BOLD),
        (EventBody::ProbeAttempted { .. }, _) => ("·", DIM),
        (EventBody::StageRunEnded { status, .. }, Some(_)) => style::stage(*status),
        (EventBody::LogWritten { .. }, level) => match level.unwrap_or(Level::Info) {
            Level::Debug => ("·", DIM),
            Level::Info => (" ", style::PLAIN),
            Level::Warning => ("!", style::WARNING),
            Level::Error => ("✗", style::FAILURE),
        },
        _ => return None,
    };
    let place = run_of(event, state).map(place).unwrap_or_default();
    let heading = paint(DIM, &format!("{}  {place}", time::exact(event.at, zone)));
    let text = match &event.body {
        EventBody::ProbeAttempted { .. } => paint(color, &probe(event)?),
        EventBody::StageRunEnded { .. } => failure(event, run_of(event, state)),
        _ => paint(color, &clean(&event.message)),
    };
    Some(format!("{heading} {} {text}", paint(color, mark)))
}

/// Why a stage run failed, and what to do.
fn failure(event: &Event, run: Option<&StageRunState>) -> String {
    let EventBody::StageRunEnded { status, failure, will_retry, .. } = &event.body else { return String::new() };
    let Some(failure) = failure else { return status.to_string() };
    let message = failure.message_on(run.and_then(|run| run.target.as_deref()));
    let mut text = paint(style::stage(*status).1, &clean_block(message, "  "));
    if *will_retry {
        text.push_str("\n  another attempt follows");
    }
    if let Some(hint) = &failure.hint {
        text.push_str(&format!("\n  {} {}", paint(DIM, "hint:"), clean_block(hint, "  ")));
    }
    text
}

/// `probe 3/12: not healthy (5 ms)`; none for other events.
fn probe(event: &Event) -> Option<String> {
    let EventBody::ProbeAttempted { attempt, attempts, healthy, latency, .. } = &event.body else { return None };
    let health = if *healthy { "healthy" } else { "not healthy" };
    Some(format!("probe {attempt}/{attempts}: {health} ({latency} ms)"))
}

/// The stage run that an event belongs to.
pub fn run_of<'a>(event: &Event, state: &'a DeploymentState) -> Option<&'a StageRunState> {
    let id = event.stage_run?;
    state.runs.iter().rev().find(|run| run.id == id)
}

/// `healthy  web-2`, with what is not ordinary about the run.
pub fn place(run: &StageRunState) -> String {
    let mut text = match run.mode {
        RunMode::Run => run.stage.clone(),
        RunMode::Undo => format!("undo {}", run.stage),
    };
    if let Some(target) = &run.target {
        text.push_str(&format!("  {target}"));
    }
    if run.attempt > 1 {
        text.push_str(&format!("  attempt {}", run.attempt));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Record, plain, run_id};
    use super::*;
    use expect_test::expect;
    use windlass_api_types::{ErrorKind, Failure};

    fn record() -> Record {
        let log = |ordinal| EventBody::LogWritten { ordinal: Some(ordinal), effect: None, stream: None };
        let mut record = Record::of(&["upload", "healthy"]);
        let targets = vec!["web-1".into()];
        record.say(EventBody::BatchStarted { rollout: "web".into(), batch: 1, batches: 2, targets });
        record.start(1, "upload", "web-1", RunMode::Run);
        record.add(Some(run_id(1)), "unpack", EventBody::StepStarted { ordinal: 0 });
        record.add(Some(run_id(1)), "\x1b[2J3 files\r\n", log(1));
        record.add(Some(run_id(1)), "careful", log(2));
        record.events.last_mut().unwrap().level = Some(Level::Warning);
        record.end(1, StageStatus::Succeeded, None);
        record.start(2, "healthy", "web-1", RunMode::Run);
        let probe = EventBody::ProbeAttempted { effect: 0, attempt: 1, attempts: 12, healthy: false, latency: 5 };
        record.add(Some(run_id(2)), "", probe);
        let failure = Failure::new(ErrorKind::Failed, "unhealthy", "12/12: 503\napp: x").hint("look at the app's log");
        record.end(2, StageStatus::Failed, Some(failure));
        record.events.last_mut().unwrap().level = Some(Level::Error);
        let reason = "`when` does not hold".into();
        record.say(EventBody::StageSkipped { stage: "healthy".into(), target: Some("web-2".into()), reason });
        record
    }

    #[test]
    fn progress_is_a_line_an_event() {
        let record = record();
        let state = record.state();
        let lines: Vec<String> = record.events.iter().filter_map(|event| line(event, &state)).collect();
        expect![[r#"
            queued: release 20260305-143022, by ada
            started
            rollout web: batch 1 of 2: web-1
            ● upload  web-1
              upload  web-1  unpack
              upload  web-1  3 files
              upload  web-1  careful
            ✓ upload  web-1  4.0 s
            ● healthy  web-1
              healthy  web-1  probe 1/12: not healthy (5 ms)
            ✗ healthy  web-1  2.0 s  12/12: 503
            – healthy  web-2  skipped: `when` does not hold"#]]
        .assert_eq(&plain(&lines.join("\n")));
    }

    #[test]
    fn a_log_is_steps_lines_attempts_and_failures_with_their_times() {
        let record = record();
        let state = record.state();
        let lines = record.events.iter().filter_map(|event| log_line(event, &state, &TimeZone::UTC));
        expect![[r#"
            14:30:27.000  upload  web-1 ▸ unpack
            14:30:28.000  upload  web-1   3 files
            14:30:29.000  upload  web-1 ! careful
            14:30:32.000  healthy  web-1 · probe 1/12: not healthy (5 ms)
            14:30:33.000  healthy  web-1 ✗ 12/12: 503
              app: x
              hint: look at the app's log"#]]
        .assert_eq(&plain(&lines.collect::<Vec<_>>().join("\n")));
    }
}
