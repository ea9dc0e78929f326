//! The journal of a deployment: everything it did, stage run by stage run.

use super::style::{self, BOLD, DIM, paint};
use super::table::{Cell, Table};
use super::text::{first_line, truncate};
use super::time;
use windlass_api_types::effect::{DeploymentEffect, EffectRun};
use windlass_api_types::{EffectAnswer, RunMode};

/// Arguments are cut here: `--json` has them whole.
const ARGUMENTS: usize = 100;

/// Effects in the order they were performed, under their stage runs.
pub fn render_effects(effects: &[DeploymentEffect]) -> String {
    if effects.is_empty() {
        return "no effects: nothing was done yet\n".into();
    }
    let mut text = String::new();
    for run in effects.chunk_by(|one, other| one.run.id == other.run.id) {
        text.push_str(&format!("{}\n", paint(BOLD, &heading(&run[0].run))));
        let mut table = Table::bare("  ");
        for effect in run {
            table.row(cells(effect));
        }
        text.push_str(&table.render());
    }
    text
}

fn heading(run: &EffectRun) -> String {
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

fn cells(effect: &DeploymentEffect) -> [Cell; 7] {
    let (mark, color, answer) = match &effect.answer {
        Some(EffectAnswer::Ok(_)) => ("✓", style::SUCCESS, String::new()),
        Some(EffectAnswer::Err(failure)) => ("✗", style::FAILURE, format!("→ {}", first_line(&failure.message))),
        None => ("?", style::WARNING, "→ no answer yet".into()),
    };
    let arguments = truncate(&first_line(&effect.arguments.to_string()), ARGUMENTS);
    let origin = effect.origin.map(|origin| origin.to_string()).unwrap_or_default();
    let took = effect.took.map(|took| time::took(took.try_into().unwrap_or(i64::MAX))).unwrap_or_default();
    [
        Cell::new(effect.position.to_string(), DIM),
        Cell::new(mark, color),
        effect.function.as_str().into(),
        Cell::new(effect.policy.as_str(), DIM),
        Cell::new(origin, DIM),
        Cell::new(took, DIM),
        format!("{arguments} {answer}").trim_end().into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::sample::{START, plain, run_id};
    use super::*;
    use expect_test::expect;
    use serde_json::json;
    use windlass_api_types::{AnswerOrigin, ErrorKind, Failure, RepeatPolicy};

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
            arguments: json!({ "argv": ["mkdir", "/srv"] }),
            answer: Some(EffectAnswer::Ok(json!({ "status": 0 }))),
            origin: Some(AnswerOrigin::Performed),
            took: Some(12),
            started_at: START,
        };
        let second = DeploymentEffect {
            position: 1,
            answer: Some(EffectAnswer::Err(Failure::new(ErrorKind::Failed, "disk-full", "the disk is full"))),
            ..first.clone()
        };
        let undo = EffectRun { id: run_id(2), mode: RunMode::Undo, attempt: 2, ..run };
        let third = DeploymentEffect { run: undo, answer: None, origin: None, took: None, ..first.clone() };
        expect![[r#"
            upload  web-1
              0  ✓  ssh-exec.exec  reattachable  performed  12 ms  {"argv":["mkdir","/srv"]}
              1  ✗  ssh-exec.exec  reattachable  performed  12 ms  {"argv":["mkdir","/srv"]} → the disk is full
            undo upload  web-1  attempt 2
              0  ?  ssh-exec.exec  reattachable      {"argv":["mkdir","/srv"]} → no answer yet
        "#]]
        .assert_eq(&plain(&render_effects(&[first, second, third])));
    }
}
