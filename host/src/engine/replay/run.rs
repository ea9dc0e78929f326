//! One stage run, run again.

use super::difference;
use super::record::RecordedRun;
use crate::capability::Journal;
use crate::journal::{Divergence, JournalOptions};
use crate::plugin::{Component, Outcome, RunError, Runtime};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use windlass_api_types::effect::EffectRun;
use windlass_api_types::project::SecretVersions;
use windlass_api_types::replay::{Difference, ReplayPlugin, ReplayedRun, RunOutcome};
use windlass_api_types::{EffectReplay, ErrorKind, Failure, ReplayVerdict, RunMode, StageStatus};

/// A guest computes only, and that has a limit of its own; what takes longer sleeps without telling the journal.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// Runs a stage run again with a component; none: it is no longer there.
pub async fn replay_run(
    runtime: &Runtime,
    component: Option<&Component>,
    run: &RecordedRun,
    secrets: Arc<SecretVersions>,
) -> ReplayedRun {
    let mut report = report(run);
    if run.context.is_null() {
        let note = "it ended before its plugin began: there is nothing to run again";
        return ReplayedRun { verdict: ReplayVerdict::NeverBegan, note: Some(note.into()), ..report };
    }
    let Some(component) = component else {
        let note = format!(
            "the plugin {} ({}) is no longer on this server; `--plugin FILE` replays with another component",
            run.state.plugin, run.state.digest
        );
        return ReplayedRun { verdict: ReplayVerdict::Unavailable, note: Some(note), ..report };
    };
    if component.digest != run.state.digest {
        report.replayed_with = Some(super::component(component));
    }
    let options = JournalOptions {
        recorded: run.recorded.clone(),
        cancel: CancellationToken::new(),
        // A limit that was lowered since says nothing of what was done.
        most_effects: runtime.limits().effects.max(run.effects.len() as u64),
        secrets,
        hand_over: CancellationToken::new(),
    };
    let journal = Journal::replay(run.state.id, run.state.started_at, options);
    let context = run.context.to_string();
    let running = component.run(runtime, &journal, run.state.mode, &context);
    match tokio::time::timeout(LONGEST, running).await {
        Ok(ended) => judge(report, ended),
        Err(_) => {
            let note = format!("the replay did not end within {} s", LONGEST.as_secs());
            ReplayedRun { verdict: ReplayVerdict::Unavailable, note: Some(note), ..report }
        }
    }
}

/// The report before anything was run.
fn report(run: &RecordedRun) -> ReplayedRun {
    let state = &run.state;
    let ended = state.ended_at.is_some();
    ReplayedRun {
        run: EffectRun {
            id: state.id,
            stage: state.stage.clone(),
            target: state.target.clone(),
            attempt: state.attempt,
            mode: state.mode,
        },
        plugin: ReplayPlugin { label: state.plugin.clone(), digest: state.digest.clone() },
        replayed_with: None,
        verdict: ReplayVerdict::Same,
        effects: run.effects.clone(),
        recorded: ended.then(|| RunOutcome {
            status: state.status,
            outputs: state.outputs.clone(),
            failure: state.failure.clone(),
        }),
        replayed: None,
        difference: None,
        note: None,
    }
}

/// What the end of a replay says.
fn judge(mut report: ReplayedRun, ended: Result<Outcome, RunError>) -> ReplayedRun {
    let cut = cut_by_host(report.recorded.as_ref());
    let replayed = match ended {
        Ok(Outcome::Done(outputs)) => done(report.run.mode, outputs),
        Ok(Outcome::Failed(failure)) | Err(RunError::Misbehaved(failure)) => failed(failure),
        Err(RunError::Diverged(divergence)) => return diverged(report, divergence, cut),
        Err(error @ (RunError::Platform(_) | RunError::Suspended(_) | RunError::HandedOver)) => {
            let note = format!("it could not be run again: {error}");
            return ReplayedRun { verdict: ReplayVerdict::Unavailable, note: Some(note), ..report };
        }
    };
    read_until(&mut report, u64::MAX);
    match (&report.recorded, cut) {
        (_, Some(why)) => report.note = Some(why),
        (None, None) => {
            report.verdict = ReplayVerdict::Open;
            report.note = Some("the record ends here: the stage run has no end yet".into());
        }
        (Some(recorded), None) => {
            let values = difference::outcomes(recorded, &replayed);
            if !values.is_empty() {
                report.verdict = ReplayVerdict::Different;
                report.difference = Some(Difference::Outcome { values });
            }
        }
    }
    report.replayed = Some(replayed);
    report
}

fn done(mode: RunMode, outputs: Value) -> RunOutcome {
    // An undo answers nothing.
    let outputs = (mode == RunMode::Run).then_some(outputs);
    RunOutcome { status: StageStatus::Succeeded, outputs, failure: None }
}

fn failed(failure: Failure) -> RunOutcome {
    RunOutcome { status: StageStatus::Failed, outputs: None, failure: Some(failure) }
}

/// A stage run that was ended by Windlass and not by itself has no outcome to compare; why.
fn cut_by_host(recorded: Option<&RunOutcome>) -> Option<String> {
    let recorded = recorded?;
    let code = |failure: &Failure| match (failure.kind, failure.code.as_str()) {
        (ErrorKind::Timeout, "stage-timeout" | "stuck-guest" | "stuck-call") => Some("its timeout ended it"),
        (ErrorKind::Internal, "platform" | "no-world") => Some("the server could not go on with it"),
        _ => None,
    };
    let why = match recorded.status {
        StageStatus::Canceled => Some("it was canceled"),
        StageStatus::TimedOut => Some("its timeout ended it"),
        _ => recorded.failure.as_ref().and_then(code),
    };
    why.map(|why| format!("{why}, so that only its effects are compared"))
}

fn diverged(mut report: ReplayedRun, divergence: Divergence, cut: Option<String>) -> ReplayedRun {
    let ended = report.recorded.is_some();
    let difference = match divergence {
        Divergence::Unanswered { recorded } => {
            read_until(&mut report, recorded.position + 1);
            if cut.is_some() {
                return ReplayedRun { note: cut, ..report };
            }
            let note = format!("the record ends here: effect {} has no answer", recorded.position);
            return ReplayedRun { verdict: ReplayVerdict::Open, note: Some(note), ..report };
        }
        Divergence::Longer { .. } if !ended => {
            read_until(&mut report, u64::MAX);
            let note = Some("the record ends here: the stage run has no end yet".into());
            return ReplayedRun { verdict: ReplayVerdict::Open, note, ..report };
        }
        Divergence::Longer { .. } if cut.is_some() => {
            read_until(&mut report, u64::MAX);
            return ReplayedRun { note: cut, ..report };
        }
        Divergence::Longer { asked } => {
            read_until(&mut report, u64::MAX);
            Difference::Longer { replayed: difference::call(&asked) }
        }
        Divergence::Different { recorded, asked } => {
            read_until(&mut report, recorded.position);
            if let Some(effect) = report.effects.iter_mut().find(|effect| effect.call.position == recorded.position) {
                effect.replayed = EffectReplay::Different;
            }
            difference::of_calls(&recorded, &asked)
        }
        Divergence::Shorter { recorded, ended } => {
            read_until(&mut report, recorded.position);
            Difference::Shorter { recorded: difference::call(&recorded), ended }
        }
        Divergence::Outcome { recorded, replayed } => {
            read_until(&mut report, u64::MAX);
            difference::of_texts(&recorded, &replayed)
        }
    };
    ReplayedRun { verdict: ReplayVerdict::Different, difference: Some(difference), ..report }
}

/// The replay asked for every effect before this position.
fn read_until(report: &mut ReplayedRun, position: u64) {
    let read = report.effects.iter_mut().filter(|effect| effect.call.position < position);
    read.for_each(|effect| effect.replayed = EffectReplay::Same);
}
