//! Plans: each stage run with its effects, and what they amount to.

use super::style::{self, BOLD, DIM, paint};
use super::table::{Cell, Table};
use super::text::{clean_block, counted, first_line};
use windlass_api_types::RepeatPolicy;
use windlass_api_types::plan::{Plan, PlannedEffect, PlannedRun};

/// What a deployment would do, stage run by stage run.
pub fn render_plan(plan: &Plan) -> String {
    let heading = format!("{} → {}", plan.project, plan.environment);
    let mut text = format!("{}, release {}\n\n", paint(BOLD, &heading), plan.release);
    for run in &plan.runs {
        text.push_str(&render_run(run));
    }
    text.push_str(&format!("\n{}\n", summary(plan)));
    text.push_str(&render_missing(plan));
    if let Some(failure) = &plan.failure {
        text.push_str(&format!(
            "{} the deployment would fail: {}\n",
            paint(style::FAILURE, "✗"),
            clean_block(&failure.message, "  ")
        ));
        if let Some(hint) = &failure.hint {
            text.push_str(&format!("  {} {}\n", paint(DIM, "next:"), clean_block(hint, "  ")));
        }
    }
    text
}

/// What an operator would have to grant first, as commands.
fn render_missing(plan: &Plan) -> String {
    if plan.missing.is_empty() {
        return String::new();
    }
    let environment = format!("{}/{}", plan.project, plan.environment);
    let heading = format!("the deployment would not start: {environment} does not grant what the pipeline asks for");
    let mut text = format!("{} {heading}\n", paint(style::FAILURE, "✗"));
    for grant in &plan.missing {
        let line = format!("windlass grant add {environment} {grant}");
        text.push_str(&format!("  {} {}\n", paint(DIM, "next:"), first_line(&line)));
    }
    text
}

fn render_run(run: &PlannedRun) -> String {
    let place = run.target.iter().fold(run.stage.clone(), |stage, target| format!("{stage}  {target}"));
    if let Some(reason) = &run.skipped {
        return format!("{}\n", paint(DIM, &format!("– {place}  skipped: {}", first_line(reason))));
    }
    let (symbol, color) = match run.failure {
        Some(_) => ("✗", style::FAILURE),
        None => ("●", style::RUNNING),
    };
    let plugin = run.plugin.as_deref().unwrap_or_default();
    let mut text = format!("{} {}  {}", paint(color, symbol), paint(BOLD, &place), paint(DIM, plugin));
    text.truncate(text.trim_end().len());
    text.push('\n');
    let mut effects = Table::bare("    ");
    for effect in &run.effects {
        effects.row(cells(effect));
    }
    text.push_str(&effects.render());
    if let Some(failure) = &run.failure {
        text.push_str(&format!("    {}\n", paint(style::FAILURE, &clean_block(&failure.message, "    "))));
        if let Some(hint) = &failure.hint {
            text.push_str(&format!("    {} {}\n", paint(DIM, "hint:"), clean_block(hint, "    ")));
        }
    }
    text
}

fn cells(effect: &PlannedEffect) -> [Cell; 3] {
    let (mark, color) = match Sort::of(effect) {
        Sort::Change => ("~", style::WARNING),
        Sort::Read => ("=", style::SUCCESS),
        Sort::Assumed => ("?", DIM),
    };
    let simulated = if effect.simulated { " (simulated)" } else { "" };
    let summary = format!("{}{simulated}", first_line(&effect.summary));
    [Cell::new(mark, color), Cell::new(&effect.function, DIM), summary.into()]
}

#[derive(PartialEq, Eq)]
enum Sort {
    Change,
    Read,
    /// It only reads, but what it would read does not exist yet.
    Assumed,
}

impl Sort {
    fn of(effect: &PlannedEffect) -> Self {
        match effect.policy {
            _ if effect.performed => Self::Read,
            RepeatPolicy::Read => Self::Assumed,
            RepeatPolicy::Idempotent | RepeatPolicy::Reattachable | RepeatPolicy::Once => Self::Change,
        }
    }
}

fn summary(plan: &Plan) -> String {
    let count = |sort: Sort| plan.runs.iter().flat_map(|run| &run.effects).filter(|e| Sort::of(e) == sort).count();
    let (changes, reads, assumed) = (count(Sort::Change), count(Sort::Read), count(Sort::Assumed));
    let runs = plan.runs.iter().filter(|run| run.skipped.is_none()).count();
    let mut parts = vec![
        format!("~ {}", counted(changes, "change")),
        format!("= {} performed", counted(reads, "read")),
        format!("? {} assumed", counted(assumed, "read")),
    ];
    if assumed == 0 {
        parts.pop();
    }
    let text = format!("{}: {}. Nothing was changed.", counted(runs, "stage run"), parts.join(", "));
    if plan.runs.iter().flat_map(|run| &run.effects).any(|effect| effect.simulated) {
        return format!("{text}\n(simulated): it follows an answer that was assumed, so the deployment may differ.");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::sample::plain;
    use super::*;
    use expect_test::expect;
    use serde_json::Value;
    use windlass_api_types::grant::{Grant, GrantKind};
    use windlass_api_types::{ErrorKind, Failure};

    fn effect(function: &str, policy: RepeatPolicy, summary: &str, performed: bool, simulated: bool) -> PlannedEffect {
        let (function, summary) = (function.into(), summary.into());
        PlannedEffect { position: 0, function, policy, summary, arguments: Value::Null, performed, simulated }
    }

    fn run(stage: &str, target: &str, effects: Vec<PlannedEffect>) -> PlannedRun {
        PlannedRun {
            stage: stage.into(),
            target: Some(target.into()),
            plugin: Some("run@1.0.0".into()),
            skipped: None,
            effects,
            outputs: None,
            failure: None,
        }
    }

    fn plan() -> Plan {
        let upload = vec![
            effect("ssh-exec.exec", RepeatPolicy::Read, "df /srv/shop", true, false),
            effect("files.unpack", RepeatPolicy::Idempotent, "unpack app to /srv/shop/releases/1", false, false),
        ];
        let healthy = vec![effect("health.wait-healthy", RepeatPolicy::Read, "GET :3000/health", false, true)];
        let skipped =
            PlannedRun { skipped: Some("options.strategy is blue-green".into()), ..run("stop", "web-1", vec![]) };
        Plan {
            project: "shop".into(),
            environment: "production".into(),
            release: "20260305-143022".into(),
            runs: vec![run("upload", "web-1", upload), skipped, run("healthy", "web-1", healthy)],
            missing: vec![],
            failure: None,
        }
    }

    #[test]
    fn a_plan_lists_every_effect_in_order() {
        expect![[r#"
            shop → production, release 20260305-143022

            ● upload  web-1  run@1.0.0
                =  ssh-exec.exec  df /srv/shop
                ~  files.unpack   unpack app to /srv/shop/releases/1
            – stop  web-1  skipped: options.strategy is blue-green
            ● healthy  web-1  run@1.0.0
                ?  health.wait-healthy  GET :3000/health (simulated)

            2 stage runs: ~ 1 change, = 1 read performed, ? 1 read assumed. Nothing was changed.
            (simulated): it follows an answer that was assumed, so the deployment may differ.
        "#]]
        .assert_eq(&plain(&render_plan(&plan())));
    }

    #[test]
    fn what_is_not_granted_is_listed_as_commands() {
        let grant = |kind, value: &str| Grant { plugin: "notify".into(), kind, value: value.into() };
        let mut plan = plan();
        plan.runs.clear();
        plan.missing = vec![grant(GrantKind::Secret, "TOKEN"), grant(GrantKind::Http, "hooks.example.com")];
        expect![[r#"
            shop → production, release 20260305-143022


            0 stage runs: ~ 0 changes, = 0 reads performed. Nothing was changed.
            ✗ the deployment would not start: shop/production does not grant what the pipeline asks for
              next: windlass grant add shop/production secret TOKEN --plugin notify
              next: windlass grant add shop/production http hooks.example.com --plugin notify
        "#]]
        .assert_eq(&plain(&render_plan(&plan)));
    }

    #[test]
    fn a_plan_that_fails_says_where_and_what_to_do() {
        let failure = Failure::new(ErrorKind::Unreachable, "connect", "cannot connect to web-1").hint("is it on?");
        let mut plan = plan();
        plan.runs.truncate(1);
        plan.runs[0].failure = Some(failure.clone());
        plan.runs[0].effects.truncate(1);
        plan.failure = Some(failure);
        expect![[r#"
            shop → production, release 20260305-143022

            ✗ upload  web-1  run@1.0.0
                =  ssh-exec.exec  df /srv/shop
                cannot connect to web-1
                hint: is it on?

            1 stage run: ~ 0 changes, = 1 read performed. Nothing was changed.
            ✗ the deployment would fail: cannot connect to web-1
              next: is it on?
        "#]]
        .assert_eq(&plain(&render_plan(&plan)));
    }
}
