use super::super::sample::{plain, run_id};
use super::*;
use expect_test::{Expect, expect};
use serde_json::json;
use windlass_api_types::effect::EffectRun;
use windlass_api_types::replay::{ReplayPlugin, RunOutcome};
use windlass_api_types::{AnswerOrigin, EffectAnswer, ErrorKind, Failure, RepeatPolicy, RunMode, StageStatus};

fn effect(position: u64, said: &str, replayed: EffectReplay) -> ReplayedEffect {
    ReplayedEffect {
        call: echo(position, said),
        answer: Some(EffectAnswer::Ok(json!({ "exit": { "status": 0 }, "stdout": "", "stderr": "" }))),
        origin: Some(AnswerOrigin::Performed),
        replayed,
    }
}

fn echo(position: u64, said: &str) -> ReplayCall {
    ReplayCall {
        position,
        function: "ssh-exec.exec".into(),
        policy: RepeatPolicy::Reattachable,
        summary: format!("web-1: echo {said}"),
        arguments: json!({ "command": { "argv": ["echo", said] } }),
    }
}

fn run(verdict: ReplayVerdict, effects: Vec<ReplayedEffect>) -> ReplayedRun {
    let ended = RunOutcome { status: StageStatus::Succeeded, outputs: Some(json!({})), failure: None };
    ReplayedRun {
        run: EffectRun {
            id: run_id(1),
            stage: "upload".into(),
            target: Some("web-1".into()),
            attempt: 1,
            mode: RunMode::Run,
        },
        plugin: ReplayPlugin { label: "release-upload@1.0.0".into(), digest: "sha256:1".into() },
        replayed_with: None,
        verdict,
        effects,
        recorded: Some(ended.clone()),
        replayed: Some(ended),
        difference: None,
        note: None,
    }
}

#[track_caller]
fn check(runs: Vec<ReplayedRun>, expected: Expect) {
    let replay = Replay { deployment: "shop#41".into(), plugin: None, runs };
    expected.assert_eq(&plain(&render_replay(&replay)));
}

#[test]
fn the_same_is_told_run_by_run() {
    let first = run(ReplayVerdict::Same, vec![effect(0, "one", EffectReplay::Same)]);
    let note = Some("its timeout ended it, so that only its effects are compared".to_owned());
    let mut cut = ReplayedRun { replayed: None, note, ..run(ReplayVerdict::Same, vec![]) };
    cut.run.attempt = 2;
    let mut undo = run(ReplayVerdict::Same, vec![]);
    undo.run.mode = RunMode::Undo;
    check(
        vec![first, cut, undo],
        expect![[r#"
        ✓ upload  web-1  release-upload@1.0.0  the same: 1 effect and the outputs
            0  =  ssh-exec.exec  web-1: echo one  performed  ✓ exit 0
        ✓ upload  web-1  attempt 2  release-upload@1.0.0  the same 0 effects
            its timeout ended it, so that only its effects are compared
        ✓ undo upload  web-1  release-upload@1.0.0  the same outputs
        shop#41, 3 stage runs: 3 the same. Nothing was performed.
    "#]],
    );
}

#[test]
fn the_first_difference_has_both_sides() {
    let effects = vec![
        effect(0, "one", EffectReplay::Same),
        effect(1, "there", EffectReplay::Different),
        effect(2, "three", EffectReplay::Unread),
    ];
    let value = |path: &str, recorded: &str, replayed: &str| ValueDifference {
        path: path.into(),
        recorded: Some(json!(recorded)),
        replayed: Some(json!(replayed)),
    };
    let long = |end: &str| format!("{}{end}", "x".repeat(300));
    let values = vec![
        value("/arguments/command/argv/1", "there", "THERE"),
        value("/arguments/stdin", &long(" old"), &long(" new")),
        ValueDifference { path: "/arguments/sudo".into(), recorded: None, replayed: Some(json!(true)) },
    ];
    let difference = Difference::Call { recorded: echo(1, "there"), replayed: echo(1, "THERE"), values };
    let other = ReplayPlugin { label: "release-upload@1.0.1".into(), digest: format!("sha256:{}", "ab".repeat(32)) };
    let changed = ReplayedRun {
        difference: Some(difference),
        replayed_with: Some(other),
        replayed: None,
        ..run(ReplayVerdict::Different, effects)
    };
    check(
        vec![changed],
        expect![[r#"
        ✗ upload  web-1  release-upload@1.0.0, replayed with release-upload@1.0.1 (sha256:abababababab)  different
            0  =  ssh-exec.exec  web-1: echo one    performed  ✓ exit 0
            1  ≠  ssh-exec.exec  web-1: echo there  performed  ✓ exit 0
            2  ·  ssh-exec.exec  web-1: echo three  performed  ✓ exit 0
            the first difference: effect 1
              recorded: ssh-exec.exec (reattachable)  web-1: echo there
              replayed: ssh-exec.exec (reattachable)  web-1: echo THERE
              at /arguments/command/argv/1
                recorded: "there"
                replayed: "THERE"
              at /arguments/stdin
                recorded: …xxxxxxxxxxxxxxxxxxxxxxxxxxxxx old"
                replayed: …xxxxxxxxxxxxxxxxxxxxxxxxxxxxx new"
              at /arguments/sudo
                recorded: nothing
                replayed: true
        shop#41, 1 stage run: 1 different. Nothing was performed.
    "#]],
    );
}

#[test]
fn a_replay_may_be_longer_or_shorter_or_end_otherwise() {
    let longer = Difference::Longer { replayed: echo(1, "more") };
    let shorter = Difference::Shorter { recorded: echo(0, "one"), ended: "it failed: it panicked".into() };
    let values = vec![ValueDifference {
        path: "/failure".into(),
        recorded: None,
        replayed: Some(json!({ "message": "it broke" })),
    }];
    let failure = Some(Failure::new(ErrorKind::Failed, "broke", "it broke"));
    let outcome = ReplayedRun {
        difference: Some(Difference::Outcome { values }),
        replayed: Some(RunOutcome { status: StageStatus::Failed, outputs: None, failure }),
        ..run(ReplayVerdict::Different, vec![])
    };
    let different = |difference, replayed| ReplayedRun {
        difference: Some(difference),
        replayed: None,
        ..run(ReplayVerdict::Different, vec![effect(0, "one", replayed)])
    };
    let runs = vec![different(longer, EffectReplay::Same), different(shorter, EffectReplay::Unread), outcome];
    check(
        runs,
        expect![[r#"
        ✗ upload  web-1  release-upload@1.0.0  different
            0  =  ssh-exec.exec  web-1: echo one  performed  ✓ exit 0
            the replay goes on where the record ends, with effect 1
              recorded: nothing
              replayed: ssh-exec.exec (reattachable)  web-1: echo more
        ✗ upload  web-1  release-upload@1.0.0  different
            0  ·  ssh-exec.exec  web-1: echo one  performed  ✓ exit 0
            the replay ends before its record, which goes on with effect 0
              recorded: ssh-exec.exec (reattachable)  web-1: echo one
              replayed: nothing: it failed: it panicked
        ✗ upload  web-1  release-upload@1.0.0  the same 0 effects, another outcome
            the first difference: how it ended
              recorded: succeeded
              replayed: failed: it broke
              at /failure
                recorded: nothing
                replayed: {"message":"it broke"}
        shop#41, 3 stage runs: 3 different. Nothing was performed.
    "#]],
    );
}

#[test]
fn what_has_no_end_is_no_difference() {
    let mut open = run(ReplayVerdict::Open, vec![effect(0, "one", EffectReplay::Same)]);
    open.effects[0].answer = None;
    open.effects[0].origin = None;
    open.note = Some("the record ends here: effect 0 has no answer".into());
    let note = Some("it ended before its plugin began: there is nothing to run again".into());
    let never = ReplayedRun { note, ..run(ReplayVerdict::NeverBegan, vec![]) };
    let note = Some("the plugin run@1.0.0 (sha256:1) is no longer on this server".into());
    let gone = ReplayedRun { note, ..run(ReplayVerdict::Unavailable, vec![]) };
    check(
        vec![open, never, gone],
        expect![[r#"
        … upload  web-1  release-upload@1.0.0  the same so far
            0  =  ssh-exec.exec  web-1: echo one  nowhere yet  ? no answer yet
            the record ends here: effect 0 has no answer
        – upload  web-1  release-upload@1.0.0  never began
            it ended before its plugin began: there is nothing to run again
        ? upload  web-1  release-upload@1.0.0  not replayed
            the plugin run@1.0.0 (sha256:1) is no longer on this server
        shop#41, 3 stage runs: 1 without an end, 1 that never began, 1 not replayed. Nothing was performed.
    "#]],
    );
}
