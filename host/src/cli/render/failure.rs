//! How a deployment ended: what failed, where things stand, what to type next.

use super::approval::render_waiting;
use super::style::{self, BOLD, DIM, paint};
use super::text::{clean, clean_block};
use super::time;
use windlass_api_types::deployment::Deployment;
use windlass_api_types::{DeploymentStatus, Failure, RunMode, StageRunState, StageStatus};

/// The end of a deployment, or where it hangs.
pub fn render_result(deployment: &Deployment) -> String {
    match deployment.summary.status {
        DeploymentStatus::Succeeded => render_success(deployment),
        DeploymentStatus::Failed => render_failure(deployment),
        DeploymentStatus::Canceled => render_canceled(deployment),
        DeploymentStatus::Interrupted => render_interrupted(deployment),
        DeploymentStatus::Waiting if deployment.state.open_approvals().next().is_some() => render_waiting(deployment),
        status @ (DeploymentStatus::Queued | DeploymentStatus::Running | DeploymentStatus::Waiting) => {
            let label = &deployment.summary.label;
            let (symbol, color) = style::deployment(status);
            format!(
                "{} {label} is {status}\n{}",
                paint(color, symbol),
                next(&[format!("windlass logs {label} --follow")])
            )
        }
    }
}

fn render_success(deployment: &Deployment) -> String {
    let summary = &deployment.summary;
    let took = time::between(summary.started_at, summary.ended_at)
        .map_or(String::new(), |ms| format!(" in {}", time::took(ms)));
    let mut text = runs(deployment, RunMode::Run, |status| status == StageStatus::Warned);
    text.push_str(&format!(
        "{} {} succeeded{took}: {} runs release {}\n",
        paint(style::SUCCESS, "✓"),
        paint(BOLD, &summary.label),
        summary.environment,
        summary.release
    ));
    text
}

/// A failed deployment: the stage runs that decided it, where things stand, and what to type next.
pub fn render_failure(deployment: &Deployment) -> String {
    let (summary, state) = (&deployment.summary, &deployment.state);
    let decisive = |run: &StageRunState| state.failed_stage.as_deref().is_none_or(|stage| run.stage == stage);
    let failed: Vec<&StageRunState> =
        last_runs(deployment, RunMode::Run).filter(|run| is_failure(run.status) && decisive(run)).collect();
    let mut text = String::new();
    for run in &failed {
        text.push_str(&line(run));
    }
    if failed.is_empty() {
        text.push_str(&without_run(deployment));
    }
    text.push_str(&runs(deployment, RunMode::Undo, is_failure));
    text.push_str(&standing(deployment));
    let mut commands = vec![match &state.failed_stage {
        Some(stage) => format!("windlass logs {} --stage {stage}", summary.label),
        None => format!("windlass logs {}", summary.label),
    }];
    if !state.activated.is_empty() {
        commands.push(format!("windlass rollback {} --to {}", summary.project, summary.environment));
    }
    text.push_str(&next(&commands));
    text
}

fn render_canceled(deployment: &Deployment) -> String {
    let mut text = format!("{} {} was canceled\n", paint(style::WARNING, "⊘"), paint(BOLD, &deployment.summary.label));
    text.push_str(&runs(deployment, RunMode::Undo, is_failure));
    text.push_str(&standing(deployment));
    text.push_str(&next(&[format!("windlass logs {}", deployment.summary.label)]));
    text
}

fn render_interrupted(deployment: &Deployment) -> String {
    let label = &deployment.summary.label;
    let mut text = format!("{} {} was interrupted\n", paint(style::WARNING, "?"), paint(BOLD, label));
    if let Some(reason) = &deployment.state.interruption {
        text.push_str(&format!("  {}\n  it is tried again at each start of the server\n", clean(reason)));
    }
    let interrupted = |run: &&StageRunState| run.status == StageStatus::Interrupted;
    let runs: Vec<_> = deployment.state.open_runs().filter(interrupted).collect();
    for run in &runs {
        text.push_str(&format!("  {}  {}\n", place(run), clean(run.suspended.as_deref().unwrap_or_default())));
        if let Some(effect) = &run.open_effect {
            text.push_str(&format!("    effect {}: {} {}\n", effect.position, effect.function, effect.arguments));
        }
    }
    text.push_str(&format!("  {} is held until it is settled\n", deployment.summary.environment));
    let mut commands = vec![format!("windlass logs {label}")];
    if !runs.is_empty() {
        commands.push(format!("windlass resolve {label} --done (or --retry, --fail)"));
    }
    commands.push(format!("windlass cancel {label}"));
    text.push_str(&next(&commands));
    text
}

fn is_failure(status: StageStatus) -> bool {
    matches!(status, StageStatus::Failed | StageStatus::TimedOut)
}

/// The last run of each stage on each target.
fn last_runs(deployment: &Deployment, mode: RunMode) -> impl Iterator<Item = &StageRunState> {
    let runs = &deployment.state.runs;
    let is_last = move |(index, run): &(usize, &StageRunState)| {
        let same =
            |later: &StageRunState| later.mode == run.mode && later.stage == run.stage && later.target == run.target;
        run.mode == mode && !runs[index + 1..].iter().any(same)
    };
    runs.iter().enumerate().filter(is_last).map(|(_, run)| run)
}

fn runs(deployment: &Deployment, mode: RunMode, wanted: impl Fn(StageStatus) -> bool) -> String {
    last_runs(deployment, mode).filter(|run| wanted(run.status)).map(line).collect()
}

/// `✗ healthy  web-2  12/12: GET :3000/health → 503`, and what the message says below.
fn line(run: &StageRunState) -> String {
    let (symbol, color) = style::stage(run.status);
    let attempt = if run.attempt > 1 { format!(" (attempt {})", run.attempt) } else { String::new() };
    let (message, hint) = match &run.failure {
        Some(failure) => (clean_block(failure.message_on(run.target.as_deref()), "  "), failure.hint.as_deref()),
        None => (run.status.to_string(), None),
    };
    // The attempt belongs to the first line of a longer message.
    let message = match message.split_once('\n') {
        Some((first, rest)) => format!("{first}{attempt}\n{rest}"),
        None => format!("{message}{attempt}"),
    };
    format!("{} {}  {message}\n{}", paint(color, symbol), paint(BOLD, &place(run)), hint_line(hint))
}

fn place(run: &StageRunState) -> String {
    let stage = match run.mode {
        RunMode::Run => run.stage.clone(),
        RunMode::Undo => format!("undo {}", run.stage),
    };
    run.target.iter().fold(stage, |stage, target| format!("{stage}  {target}"))
}

/// A failure that no stage run had: a stage that could not start, or Windlass itself.
fn without_run(deployment: &Deployment) -> String {
    let place = deployment.state.failed_stage.as_ref().unwrap_or(&deployment.summary.label);
    let (message, hint) = match &deployment.state.failure {
        Some(Failure { message, hint, .. }) => (clean_block(message, "  "), hint.as_deref()),
        None => ("failed".into(), None),
    };
    format!("{} {}  {message}\n{}", paint(style::FAILURE, "✗"), paint(BOLD, place), hint_line(hint))
}

fn hint_line(hint: Option<&str>) -> String {
    hint.map_or(String::new(), |hint| format!("  {} {}\n", paint(DIM, "hint:"), clean_block(hint, "  ")))
}

fn standing(deployment: &Deployment) -> String {
    if deployment.state.standing.is_empty() {
        return String::new();
    }
    let sentences: Vec<String> = deployment.state.standing.iter().map(|sentence| clean(sentence)).collect();
    format!("  {}\n", sentences.join("; "))
}

fn next(commands: &[String]) -> String {
    format!("  {} {}\n", paint(DIM, "next:"), commands.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Record, plain};
    use super::*;
    use expect_test::{Expect, expect};
    use windlass_api_types::{ErrorKind, EventBody};

    fn check(record: &Record, expected: Expect) {
        expected.assert_eq(&plain(&render_result(&record.deployment())));
    }

    fn activate(record: &mut Record, target: &str) {
        record.say(EventBody::ReleaseActivated { target: Some(target.into()), release: "20260305-143022".into() });
    }

    #[test]
    fn a_failure_says_what_failed_where_things_stand_and_what_to_type() {
        let failure = Failure::new(
            ErrorKind::Failed,
            "unhealthy",
            "12/12: GET :3000/health → 503\napp: KeyError: DATABASE_URL\n",
        );
        let mut record = Record::of(&["healthy", "finish"]);
        record.start(1, "healthy", "web-1", RunMode::Run);
        record.end(1, StageStatus::Succeeded, None);
        activate(&mut record, "web-1");
        record.start(2, "healthy", "web-2", RunMode::Run);
        record.end(2, StageStatus::Failed, Some(failure.clone()));
        let standing = ["web-1 runs the new release", "web-2 was undone, its old release serves"];
        record.finish(DeploymentStatus::Failed, Some("healthy"), Some(failure), &standing);
        check(
            &record,
            expect![[r#"
            ✗ healthy  web-2  12/12: GET :3000/health → 503
              app: KeyError: DATABASE_URL
              web-1 runs the new release; web-2 was undone, its old release serves
              next: windlass logs shop#41 --stage healthy | windlass rollback shop --to production
        "#]],
        );
    }

    #[test]
    fn nothing_is_rolled_back_where_nothing_went_live() {
        let failure = Failure::new(ErrorKind::Unreachable, "connect", "cannot connect to 10.0.0.12:22: timed out")
            .hint("check the address: windlass target check web-2");
        let mut record = Record::of(&["upload"]);
        record.start(1, "upload", "web-2", RunMode::Run);
        record.end(1, StageStatus::Failed, Some(failure.clone()));
        record.start(2, "upload", "web-2", RunMode::Undo);
        record.end(2, StageStatus::Failed, Some(Failure::new(ErrorKind::Unreachable, "connect", "timed out")));
        record.finish(DeploymentStatus::Failed, Some("upload"), Some(failure), &[]);
        check(
            &record,
            expect![[r#"
            ✗ upload  web-2  cannot connect to 10.0.0.12:22: timed out
              hint: check the address: windlass target check web-2
            ✗ undo upload  web-2  timed out
              next: windlass logs shop#41 --stage upload
        "#]],
        );
    }

    #[test]
    fn a_failure_without_a_stage_run_is_told_too() {
        let mut record = Record::of(&["upload"]);
        let failure = Failure::new(ErrorKind::Timeout, "deployment-timeout", "took longer than its timeout of 10m");
        record.finish(DeploymentStatus::Failed, None, Some(failure), &[]);
        check(
            &record,
            expect![[r#"
            ✗ shop#41  took longer than its timeout of 10m
              next: windlass logs shop#41
        "#]],
        );
    }

    #[test]
    fn a_success_names_the_release_and_what_only_warned() {
        let mut record = Record::of(&["post-deploy"]);
        record.start(1, "post-deploy", "web-1", RunMode::Run);
        record.end(1, StageStatus::Warned, Some(Failure::new(ErrorKind::Failed, "exit", "exited with 3")));
        record.finish(DeploymentStatus::Succeeded, None, None, &[]);
        check(
            &record,
            expect![[r#"
            ! post-deploy  web-1  exited with 3
            ✓ shop#41 succeeded in 3.0 s: production runs release 20260305-143022
        "#]],
        );
    }

    #[test]
    fn an_interrupted_one_says_what_is_not_known() {
        let mut record = Record::of(&["start"]);
        record.start(1, "start", "web-1", RunMode::Run);
        let effect = EventBody::EffectStarted {
            position: 0,
            function: "ssh-exec.exec".into(),
            policy: windlass_api_types::RepeatPolicy::Once,
            arguments: serde_json::Value::Null,
        };
        record.add(Some(super::super::sample::run_id(1)), "", effect);
        let reason = "web-1: the connection was lost, and the target cannot tell".into();
        let suspended =
            EventBody::StageRunSuspended { status: windlass_api_types::StageStatus::Interrupted, position: 0, reason };
        record.add(Some(super::super::sample::run_id(1)), "", suspended);
        check(
            &record,
            expect![[r#"
                ? shop#41 was interrupted
                  start  web-1  web-1: the connection was lost, and the target cannot tell
                    effect 0: ssh-exec.exec null
                  production is held until it is settled
                  next: windlass logs shop#41 | windlass resolve shop#41 --done (or --retry, --fail) | windlass cancel shop#41
            "#]],
        );
    }

    #[test]
    fn a_canceled_one_says_where_things_stand() {
        let mut record = Record::of(&["start"]);
        record.finish(DeploymentStatus::Canceled, None, None, &["web-1 was not touched"]);
        check(
            &record,
            expect![[r#"
            ⊘ shop#41 was canceled
              web-1 was not touched
              next: windlass logs shop#41
        "#]],
        );
    }
}
