use super::*;
use crate::ssh::Output;
use crate::{Error, UndoFn, approval, control, log, state};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

#[derive(Deserialize, JsonSchema)]
struct Config {
    command: String,
}

#[derive(Serialize, JsonSchema)]
struct Outputs {
    runs: u64,
    said: String,
}

struct Probe;

impl Stage for Probe {
    const NAME: &'static str = "probe";
    const VERSION: &'static str = "1.0.0";
    const SUMMARY: &'static str = "Exercises the harness";
    type Config = Config;
    type Outputs = Outputs;
    const UNDO: Option<UndoFn<Config>> = Some(|ctx, _| {
        let before: u64 = ctx.checkpoint()?.unwrap_or_default();
        state::set("runs", &before.to_string())?;
        Ok(())
    });

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        log::step("Asking");
        let runs =
            state::get("runs")?.map_or(Ok(0), |entry| entry.value.parse::<u64>().map_err(|_| Error::failed("?")))?;
        control::checkpoint(&runs)?;
        let said = ssh::script(ctx.target()?, config.command).assume(Output::ok("assumed")).run()?.success()?;
        state::compare_and_set("runs", &(runs + 1).to_string(), 0)?;
        Ok(Outputs { runs: runs + 1, said: said.stdout().into_owned() })
    }
}

fn harness() -> Harness {
    Harness::new().target("web-1").config(json!({ "command": "echo hi" }))
}

#[test]
fn a_run_records_its_calls_and_its_log() {
    let mut harness = harness();
    harness.next_exec(Ok(Output::ok("hi\n")));
    assert_eq!(harness.run::<Probe>().unwrap(), json!({ "runs": 1, "said": "hi" }));
    let calls = ["state.get runs", "control.checkpoint 0", "ssh-exec.exec web-1: echo hi", "state.set runs: 1"];
    assert_eq!(harness.calls(), calls);
    assert_eq!(harness.log(), [(Level::Info, "▸ Asking".to_owned())]);
}

#[test]
fn a_plan_performs_no_change_and_makes_the_same_calls() {
    let mut planned = harness();
    assert_eq!(planned.plan::<Probe>().unwrap(), json!({ "runs": 1, "said": "assumed" }));
    let mut performed = harness();
    performed.next_exec(Ok(Output::ok("")));
    performed.run::<Probe>().unwrap();
    assert_eq!(planned.calls(), performed.calls());
}

#[test]
fn an_undo_has_the_last_checkpoint() {
    let mut harness = harness();
    harness.on_exec(|_| Ok(Output::ok("")));
    harness.run::<Probe>().unwrap();
    harness.forget();
    harness.undo::<Probe>().unwrap();
    assert_eq!(harness.calls(), ["state.set runs: 0"]);
}

#[test]
#[should_panic(expected = "unexpected call: ssh-exec.exec web-1: echo hi\n  give its answer with `Harness::on_exec`")]
fn a_call_without_an_answer_fails_the_test() {
    let _ = harness().run::<Probe>();
}

#[test]
#[should_panic(expected = "1 answers of `next_exec` were not asked for")]
fn an_answer_that_is_left_over_fails_the_test() {
    let mut harness = harness();
    harness.next_exec(Ok(Output::ok(""))).next_exec(Ok(Output::ok("")));
    let _ = harness.run::<Probe>();
}

#[test]
fn a_local_target_runs_the_real_thing() {
    let target = LocalTarget::new();
    let mut harness = harness().config(json!({ "command": "pwd -P; cat; exit 0" }));
    target.serve(&mut harness, "/nonexistent");
    let outputs = harness.run::<Probe>().unwrap();
    assert_eq!(outputs["said"], target.home().canonicalize().unwrap().to_str().unwrap());
}

struct Asks;

impl Stage for Asks {
    const NAME: &'static str = "asks";
    const VERSION: &'static str = "1.0.0";
    const SUMMARY: &'static str = "Asks a person";
    type Config = Config;
    type Outputs = Outputs;

    fn run(_: &Context, config: Config) -> Result<Outputs> {
        approval::ask("go", &config.command, Duration::from_secs(60))?;
        Ok(Outputs { runs: 1, said: "yes".to_owned() })
    }
}

#[test]
fn a_question_is_decided_by_the_test_and_a_plan_assumes_yes() {
    let mut planned = harness();
    planned.plan::<Asks>().unwrap();
    assert_eq!(planned.calls(), ["approval.open go: echo hi", "approval.wait go"]);
    let decided = |outcome, by: Option<&str>| {
        let by = by.map(str::to_owned);
        let mut harness = harness();
        harness.on_approval(move |_| Ok(approval::Decision { outcome, by: by.clone() }));
        harness.run::<Asks>().map_err(|error| (error.code.clone(), error.to_string()))
    };
    assert!(decided(approval::Outcome::Approved, Some("ada")).is_ok());
    let rejected = ("approval-rejected".to_owned(), "ada rejected it: echo hi".to_owned());
    assert_eq!(decided(approval::Outcome::Rejected, Some("ada")), Err(rejected));
    let expired = ("approval-expired".to_owned(), "nobody answered within 60s: echo hi".to_owned());
    assert_eq!(decided(approval::Outcome::Expired, None), Err(expired));
}
