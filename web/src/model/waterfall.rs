//! The stages of a deployment as rows with bars over one axis of time.

use super::record::Batch;
use super::window::Scope;
use std::collections::{BTreeMap, BTreeSet};
use windlass_api_types::state::StageState;
use windlass_api_types::{DeploymentState, DeploymentStatus, RunMode, StageRunState, StageStatus, Timestamp};

/// A row: a stage, one of its targets, or the heading of a rollout.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Stable over time, unique in a deployment.
    pub key: String,
    pub kind: RowKind,
    pub label: String,
    pub status: StageStatus,
    /// Why, how far, how often: a few words beside the label.
    pub note: Option<String>,
    /// One for each attempt and undo run, in the order of their start.
    pub bars: Vec<Bar>,
    /// What a click on it shows in the log.
    pub scope: Scope,
    /// From the first attempt's start to the last one's end; without an end while it runs.
    pub span: Option<(Timestamp, Option<Timestamp>)>,
    /// How far the running step is, from 0 to 1.
    pub progress: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowKind {
    Rollout,
    Stage {
        /// Whether the rows of its targets are shown; absent where there are none.
        open: Option<bool>,
        pivot: bool,
        /// The only target, where it has one.
        target: Option<String>,
    },
    Target,
}

/// A stretch of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    pub start: Timestamp,
    pub end: Option<Timestamp>,
    pub status: StageStatus,
    pub undo: bool,
    pub attempt: u32,
}

/// A stage with more targets than this shows them only when asked to.
const FEW_TARGETS: usize = 6;

/// What decides which rows there are.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Stages whose targets a person has shown or hidden.
    pub toggled: BTreeSet<String>,
    /// Whether stages on which all went well hide their targets: where the deployment had ended when
    /// the page was opened. While one looks, nothing folds up by itself.
    pub calm: bool,
}

/// From when to when the deployment ran, or has run until now. Where it was interrupted nobody knows
/// more than when something was last begun or ended.
pub fn extent(state: &DeploymentState, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let start = state.started_at?;
    let end = match (state.ended_at, state.status) {
        (Some(end), _) => end,
        (None, Some(DeploymentStatus::Interrupted)) => {
            state.runs.iter().map(|run| run.ended_at.unwrap_or(run.started_at)).fold(start, i64::max)
        }
        (None, _) => now,
    };
    Some((start, end))
}

/// The rows, in the order of the stages.
pub fn rows(state: &DeploymentState, batches: &BTreeMap<String, Vec<Batch>>, choices: &Choices) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut rollout = None;
    for stage in &state.stages {
        let next = stage.planned.rollout.as_deref();
        if let Some(name) = next.filter(|_| next != rollout) {
            rows.push(rollout_row(state, name, batches.get(name)));
        }
        rollout = next;
        let many = stage.planned.targets.len() > 1;
        let open = many.then(|| is_open(state, stage, choices));
        rows.push(stage_row(state, stage, open));
        if open == Some(true) {
            rows.extend(stage.planned.targets.iter().map(|target| target_row(state, stage, target)));
        }
    }
    rows
}

fn is_open(state: &DeploymentState, stage: &StageState, choices: &Choices) -> bool {
    let undone = || state.runs.iter().any(|run| run.mode == RunMode::Undo && run.stage == stage.planned.id);
    let of_interest = !choices.calm || !stage.status.passed() || undone();
    let few = stage.planned.targets.len() <= FEW_TARGETS;
    (few && of_interest) != choices.toggled.contains(&stage.planned.id)
}

/// The status of a stage, also where the deployment ended before all of its targets were reached.
fn status(state: &DeploymentState, stage: &StageState) -> StageStatus {
    match stage.status.is_terminal() || state.ended_at.is_none() {
        true => stage.status,
        false => StageStatus::Skipped,
    }
}

fn rollout_row(state: &DeploymentState, name: &str, batches: Option<&Vec<Batch>>) -> Row {
    let last = batches.and_then(|batches| batches.last());
    let mut stages = state.stages.iter().filter(|stage| stage.planned.rollout.as_deref() == Some(name));
    Row {
        key: format!("rollout {name}"),
        kind: RowKind::Rollout,
        label: name.to_owned(),
        status: stages.next().map_or(StageStatus::Pending, |stage| status(state, stage)),
        note: last.map(|batch| format!("batch {} of {}: {}", batch.number, batch.of, batch.targets.join(", "))),
        bars: Vec::new(),
        scope: Scope::All,
        span: None,
        progress: None,
    }
}

fn stage_row(state: &DeploymentState, stage: &StageState, open: Option<bool>) -> Row {
    let planned = &stage.planned;
    let runs: Vec<_> = state.runs.iter().filter(|run| run.stage == planned.id).collect();
    let alone = planned.targets.len() <= 1;
    // With several targets the stage's own bar is the sum of theirs.
    let bars = match (alone, stage.started_at) {
        (true, _) => runs.iter().map(|run| Bar::of(run)).collect(),
        (false, Some(start)) => {
            let status = status(state, stage);
            let end = stage.ended_at.filter(|_| status.is_terminal());
            vec![Bar { start, end, status, undo: false, attempt: 1 }]
        }
        (false, None) => Vec::new(),
    };
    let note = match (&stage.skipped, alone) {
        (Some(reason), _) if stage.status == StageStatus::Skipped => Some(reason.clone()),
        (_, true) => note(&runs),
        (_, false) => {
            let passed = planned
                .targets
                .iter()
                .filter(|target| state.last_run(&planned.id, Some(target)).is_some_and(|run| run.status.passed()));
            Some(format!("{} of {}", passed.count(), planned.targets.len()))
        }
    };
    let target = planned.targets.first().filter(|_| alone).cloned();
    Row {
        key: format!("stage {}", planned.id),
        kind: RowKind::Stage { open, pivot: planned.pivot, target },
        label: planned.id.clone(),
        status: status(state, stage),
        note,
        span: span(&bars),
        bars,
        scope: Scope::Stage(planned.id.clone()),
        progress: progress(&runs).filter(|_| alone),
    }
}

fn target_row(state: &DeploymentState, stage: &StageState, target: &str) -> Row {
    let of_target = |run: &&StageRunState| run.stage == stage.planned.id && run.target.as_deref() == Some(target);
    let runs: Vec<_> = state.runs.iter().filter(of_target).collect();
    let last = runs.iter().rev().find(|run| run.mode == RunMode::Run);
    let skipped = stage.skipped_targets.iter().any(|skipped| skipped == target);
    let status = match last {
        Some(run) => run.status,
        None if skipped || stage.status == StageStatus::Skipped => StageStatus::Skipped,
        None if state.ended_at.is_some() => StageStatus::Skipped,
        None => StageStatus::Pending,
    };
    let bars: Vec<_> = runs.iter().map(|run| Bar::of(run)).collect();
    Row {
        key: format!("target {} {target}", stage.planned.id),
        kind: RowKind::Target,
        label: target.to_owned(),
        status,
        note: if skipped { stage.skipped.clone() } else { note(&runs) },
        span: span(&bars),
        bars,
        scope: last.map_or_else(|| Scope::Stage(stage.planned.id.clone()), |run| Scope::Run(run.id)),
        progress: progress(&runs),
    }
}

fn note(runs: &[&StageRunState]) -> Option<String> {
    let undo = runs.iter().rev().find(|run| run.mode == RunMode::Undo);
    let last = runs.iter().rev().find(|run| run.mode == RunMode::Run)?;
    let retried = (last.attempt > 1).then(|| format!("attempt {}", last.attempt));
    match (undo, last.ended_at) {
        (Some(undo), _) => Some(match undo.status {
            StageStatus::Succeeded => "undone".into(),
            StageStatus::Running => "undoing".into(),
            other => format!("undo {other}"),
        }),
        (None, None) => {
            let parts: Vec<_> = [retried, last.step.clone(), counted(last)].into_iter().flatten().collect();
            (!parts.is_empty()).then(|| parts.join(" · "))
        }
        (None, Some(_)) => retried,
    }
}

fn counted(run: &StageRunState) -> Option<String> {
    let progress = run.progress.as_ref()?;
    Some(match progress.total {
        Some(total) => format!("{}/{total} {}", progress.done, progress.unit),
        None => format!("{} {}", progress.done, progress.unit),
    })
}

fn progress(runs: &[&StageRunState]) -> Option<f64> {
    let run = runs.last().filter(|run| run.ended_at.is_none())?;
    let progress = run.progress.as_ref()?;
    let total = progress.total.filter(|total| *total > 0)?;
    Some((progress.done as f64 / total as f64).min(1.0))
}

/// Undo runs come much later: they have bars, but do not make a stage last longer.
fn span(bars: &[Bar]) -> Option<(Timestamp, Option<Timestamp>)> {
    let runs = || bars.iter().filter(|bar| !bar.undo);
    let start = runs().map(|bar| bar.start).min()?;
    let end = runs().map(|bar| bar.end).try_fold(start, |latest, end| end.map(|end| latest.max(end)));
    Some((start, end))
}

impl Bar {
    fn of(run: &StageRunState) -> Self {
        Self {
            start: run.started_at,
            // Nobody knows when an interrupted run stopped: it must not look as if it went on.
            end: run.ended_at.or((run.status == StageStatus::Interrupted).then_some(run.started_at)),
            status: run.status,
            undo: run.mode == RunMode::Undo,
            attempt: run.attempt,
        }
    }
}

#[cfg(test)]
mod tests;
