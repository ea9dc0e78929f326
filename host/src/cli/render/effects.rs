//! The journal of a deployment: everything it did, stage run by stage run.

use super::style::{self, BOLD, DIM, paint};
use super::table::{Cell, Table};
use super::text::{first_line, truncate};
use super::time;
use anstyle::Style;
use serde_json::Value;
use windlass_api_types::effect::{DeploymentEffect, EffectRun};
use windlass_api_types::{AnswerOrigin, EffectAnswer, RunMode};

/// What was done is cut here, and …
pub(super) const DONE: usize = 90;
/// … what came back here: `--json` has them whole.
pub(super) const ANSWER: usize = 60;

/// Effects in the order they were performed, under their stage runs.
pub fn render_effects(effects: &[DeploymentEffect]) -> String {
    if effects.is_empty() {
        return "no effects: nothing was done yet\n".into();
    }
    let mut text = String::new();
    for run in effects.chunk_by(|one, other| one.run.id == other.run.id) {
        text.push_str(&format!("{}\n", paint(BOLD, &heading(&run[0].run))));
        let mut table = Table::indented("  ", &["#", "", "CALL", "WHAT", "REPEAT", "ANSWER FROM", "TOOK", "ANSWER"]);
        for effect in run {
            table.row(cells(effect));
        }
        text.push_str(&table.render());
    }
    text
}

/// A stage run's name: `undo upload  web-1  attempt 2`.
pub(super) fn heading(run: &EffectRun) -> String {
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

fn cells(effect: &DeploymentEffect) -> [Cell; 8] {
    let (mark, color) = mark(effect.answer.as_ref());
    let took = effect.took.map(|took| time::took(took.try_into().unwrap_or(i64::MAX))).unwrap_or_default();
    [
        Cell::new(effect.position.to_string(), DIM),
        Cell::new(mark, color),
        effect.function.as_str().into(),
        truncate(&first_line(&effect.summary), DONE).into(),
        Cell::new(effect.policy.as_str(), DIM),
        Cell::new(origin(effect.origin), DIM),
        Cell::new(took, DIM),
        answer(effect.answer.as_ref()).into(),
    ]
}

/// Whether an effect succeeded, as a symbol.
pub(super) fn mark(answer: Option<&EffectAnswer>) -> (&'static str, Style) {
    match answer {
        Some(EffectAnswer::Ok(_)) => ("✓", style::SUCCESS),
        Some(EffectAnswer::Err(_)) => ("✗", style::FAILURE),
        None => ("?", style::WARNING),
    }
}

/// Where an answer came from.
pub(super) fn origin(origin: Option<AnswerOrigin>) -> &'static str {
    match origin {
        Some(AnswerOrigin::Performed) => "performed",
        Some(AnswerOrigin::Found) => "found again",
        Some(AnswerOrigin::Previewed) => "previewed",
        Some(AnswerOrigin::Resolved) => "resolved",
        None => "nowhere yet",
    }
}

/// What came back, on a line.
pub(super) fn answer(answer: Option<&EffectAnswer>) -> String {
    let text = match answer {
        None => "no answer yet".into(),
        Some(EffectAnswer::Err(failure)) => first_line(&failure.message),
        Some(EffectAnswer::Ok(value)) => match &value["exit"] {
            Value::Null => plain(value),
            exit => ended(exit, value),
        },
    };
    truncate(&text, ANSWER)
}

/// How a command ended, and what it said first.
fn ended(exit: &Value, output: &Value) -> String {
    let how = match (exit["status"].as_u64(), exit["signal"].as_str()) {
        (Some(status), _) => format!("exit {status}"),
        (_, Some(signal)) => format!("killed by {signal}"),
        _ => plain(exit),
    };
    let said = ["stdout", "stderr"].iter().filter_map(|stream| output[stream].as_str()).find(|said| !said.is_empty());
    said.map_or(how.clone(), |said| format!("{how}: {}", first_line(said)))
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "done".into(),
        Value::String(text) => first_line(text),
        other => first_line(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{START, plain, run_id};
    use super::*;
    use expect_test::expect;
    use serde_json::json;
    use windlass_api_types::{ErrorKind, Failure, RepeatPolicy};

    #[test]
    fn effects_stand_under_their_stage_runs() {
        let run = EffectRun {
            id: run_id(1),
            stage: "upload".into(),
            target: Some("web-1".into()),
            attempt: 1,
            mode: RunMode::Run,
        };
        let first = DeploymentEffect {
            run: run.clone(),
            position: 0,
            function: "ssh-exec.exec".into(),
            policy: RepeatPolicy::Reattachable,
            summary: "web-1: mkdir /srv".into(),
            arguments: json!({ "argv": ["mkdir", "/srv"] }),
            answer: Some(EffectAnswer::Ok(json!({ "exit": { "status": 0 }, "stdout": "made\n", "stderr": "" }))),
            origin: Some(AnswerOrigin::Found),
            took: Some(12),
            started_at: START,
        };
        let second = DeploymentEffect {
            position: 1,
            answer: Some(EffectAnswer::Err(Failure::new(ErrorKind::Failed, "disk-full", "the disk is full"))),
            origin: Some(AnswerOrigin::Performed),
            ..first.clone()
        };
        let resolved = DeploymentEffect {
            position: 2,
            answer: Some(EffectAnswer::Ok(Value::Null)),
            origin: Some(AnswerOrigin::Resolved),
            ..first.clone()
        };
        let undo = EffectRun { id: run_id(2), mode: RunMode::Undo, attempt: 2, ..run };
        let open = DeploymentEffect { run: undo, answer: None, origin: None, took: None, ..first.clone() };
        expect![[r#"
            upload  web-1
              #     CALL           WHAT               REPEAT        ANSWER FROM  TOOK   ANSWER
              0  ✓  ssh-exec.exec  web-1: mkdir /srv  reattachable  found again  12 ms  exit 0: made
              1  ✗  ssh-exec.exec  web-1: mkdir /srv  reattachable  performed    12 ms  the disk is full
              2  ✓  ssh-exec.exec  web-1: mkdir /srv  reattachable  resolved     12 ms  done
            undo upload  web-1  attempt 2
              #     CALL           WHAT               REPEAT        ANSWER FROM  TOOK  ANSWER
              0  ?  ssh-exec.exec  web-1: mkdir /srv  reattachable  nowhere yet        no answer yet
        "#]]
        .assert_eq(&plain(&render_effects(&[first, second, resolved, open])));
    }
}
