//! Why a deployment did not succeed, where things stand, and what to type next.

use super::log::{LineKind, Log};
use windlass_api_types::{
    DeploymentState, DeploymentStatus, FailedBy, Level, RunMode, StageRunId, StageRunState, StageStatus,
};

/// What a person must know first.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// Such as `healthy failed on web-2`.
    pub title: String,
    pub message: Option<String>,
    pub hint: Option<String>,
    /// Who is to blame, in words.
    pub blame: Option<&'static str>,
    /// The stage run that decided it.
    pub run: Option<StageRunId>,
    /// Where things stand, a sentence a target.
    pub standing: Vec<String>,
    /// Commands that help now.
    pub next: Vec<String>,
}

/// Lines of the log that say it best.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The index of the first in the log.
    pub line: usize,
    pub text: String,
}

/// A quote has so many lines at most: it is there to be read at a glance.
const QUOTED_LINES: usize = 3;

/// Explains how a deployment ended, or why it does not go on; nothing to say where all is well.
pub fn explain(state: &DeploymentState, label: &str, project: &str, environment: &str) -> Option<Explanation> {
    match state.status? {
        DeploymentStatus::Failed => Some(failed(state, label, project, environment)),
        DeploymentStatus::Interrupted => Some(Explanation {
            title: "This deployment was interrupted".into(),
            message: Some(interrupted_message(state)),
            hint: Some(match state.interruption {
                Some(_) => "Mend it and start the server again, which tries again; or cancel the deployment.".into(),
                None => format!("Look at the target, then answer above: it holds {project}/{environment}."),
            }),
            blame: None,
            run: state.runs.iter().find(|run| run.status == StageStatus::Interrupted).map(|run| run.id),
            standing: state.standing.clone(),
            next: next_of_interrupted(state, label),
        }),
        DeploymentStatus::Canceled => Some(Explanation {
            title: "Canceled".into(),
            message: state.failure.as_ref().map(|failure| failure.message.clone()),
            hint: state.failure.as_ref().and_then(|failure| failure.hint.clone()),
            blame: None,
            run: None,
            standing: state.standing.clone(),
            next: Vec::new(),
        }),
        _ => None,
    }
}

fn failed(state: &DeploymentState, label: &str, project: &str, environment: &str) -> Explanation {
    let run = deciding_run(state);
    let stage = state.failed_stage.as_deref().or(run.map(|run| run.stage.as_str()));
    let failure = state.failure.as_ref().or(run.and_then(|run| run.failure.as_ref()));
    let verb = match run.map(|run| run.status) {
        Some(StageStatus::TimedOut) => "timed out",
        _ => "failed",
    };
    let target = run.and_then(|run| run.target.as_deref());
    let title = match (stage, target) {
        (Some(stage), Some(target)) => format!("{stage} {verb} on {target}"),
        (Some(stage), None) => format!("{stage} {verb}"),
        (None, _) => "The deployment failed".into(),
    };
    let logs = stage.map(|stage| format!("windlass logs {label} --stage {stage}"));
    // Where nothing of the new release went live there is nothing to roll back.
    let back = (!state.activated.is_empty()).then(|| format!("windlass rollback {project} --to {environment}"));
    Explanation {
        title,
        message: failure.map(|failure| failure.message_on(target).to_owned()),
        hint: failure.and_then(|failure| failure.hint.clone()),
        blame: state.failed_by.map(blame),
        run: run.map(|run| run.id),
        standing: state.standing.clone(),
        next: [logs, back, Some(format!("windlass effects {label}"))].into_iter().flatten().collect(),
    }
}

fn next_of_interrupted(state: &DeploymentState, label: &str) -> Vec<String> {
    let resolve = state.interruption.is_none().then(|| format!("windlass resolve {label} --done"));
    let others = [format!("windlass cancel {label}"), format!("windlass effects {label}")];
    resolve.into_iter().chain(others).collect()
}

fn interrupted_message(state: &DeploymentState) -> String {
    if let Some(reason) = &state.interruption {
        return reason.clone();
    }
    let open: Vec<_> = state
        .runs
        .iter()
        .filter(|run| run.status == StageStatus::Interrupted)
        .map(|run| match &run.target {
            Some(target) => format!("{} on {target}", run.stage),
            None => run.stage.clone(),
        })
        .collect();
    match open.is_empty() {
        true => "Nobody knows what became of it.".into(),
        false => format!("Nobody knows what became of {}.", open.join(", ")),
    }
}

/// The last run of the stage that decided the failure, one that failed if there is one.
fn deciding_run(state: &DeploymentState) -> Option<&StageRunState> {
    let bad = |run: &&StageRunState| matches!(run.status, StageStatus::Failed | StageStatus::TimedOut);
    let of_stage = |run: &&StageRunState| {
        run.mode == RunMode::Run && state.failed_stage.as_ref().is_none_or(|stage| run.stage == *stage)
    };
    let runs = || state.runs.iter().rev().filter(of_stage);
    runs().find(bad).or_else(|| runs().next().filter(|_| state.failed_stage.is_some()))
}

fn blame(by: FailedBy) -> &'static str {
    match by {
        FailedBy::Plugin => "The plugin reported it",
        FailedBy::Target => "The target caused it",
        FailedBy::Platform => "Windlass itself failed",
        FailedBy::User => "The configuration or a person caused it",
    }
}

/// The lines of a run that say it best: from its first error on, else its last lines.
pub fn quote(log: &Log, run: StageRunId) -> Option<Quote> {
    let of_run = |index: &usize| {
        let line = &log.lines[*index];
        line.kind != LineKind::Step && log.run_of(line).is_some_and(|of| of.id == run) && !line.text.trim().is_empty()
    };
    let error = |index: &usize| log.lines[*index].kind == LineKind::Text(Level::Error);
    let indexes: Vec<usize> = match (0..log.lines.len()).filter(of_run).find(error) {
        Some(first) => (first..log.lines.len()).filter(of_run).take_while(error).take(QUOTED_LINES).collect(),
        None => {
            let mut last: Vec<_> = (0..log.lines.len()).rev().filter(of_run).take(QUOTED_LINES).collect();
            last.reverse();
            last
        }
    };
    let text: Vec<&str> = indexes.iter().map(|index| &*log.lines[*index].text).collect();
    Some(Quote { line: *indexes.first()?, text: text.join("\n") })
}

#[cfg(test)]
mod tests;
