//! How far a deployment is with its release: one word, and how long its phases took.
//!
//! A phase is what the pipeline calls it: `initializing`, `building`, `deploying`, or a name of its own.

use crate::state::{DeploymentState, StageState};
use crate::{DeploymentStatus, Lifecycle, Timestamp};
use serde::{Deserialize, Serialize};

/// When a part of a deployment began and ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Phase {
    /// As the pipeline names it, such as `building`.
    pub name: String,
    /// When its first stage began; absent: none has.
    pub started_at: Option<Timestamp>,
    /// When its last stage ended; absent while one runs or is still to come.
    pub ended_at: Option<Timestamp>,
}

/// The word for a deployment. `live`: its release is what runs on one of its targets at least.
pub fn lifecycle(state: &DeploymentState, live: bool) -> Lifecycle {
    match state.status {
        None | Some(DeploymentStatus::Queued) => Lifecycle::Pending,
        Some(DeploymentStatus::Running | DeploymentStatus::Waiting | DeploymentStatus::Interrupted) => underway(state),
        Some(DeploymentStatus::Succeeded) if live => Lifecycle::Running,
        Some(DeploymentStatus::Succeeded | DeploymentStatus::Canceled) => Lifecycle::Stopped,
        Some(DeploymentStatus::Failed) => Lifecycle::Failed,
    }
}

fn underway(state: &DeploymentState) -> Lifecycle {
    let last = state.stages.iter().rev().find(|stage| stage.started_at.is_some());
    match last.map(|stage| stage.planned.phase.as_deref()) {
        None if state.status == Some(DeploymentStatus::Waiting) => Lifecycle::Pending,
        None | Some(Some("initializing")) => Lifecycle::Initializing,
        Some(Some("building")) => Lifecycle::Building,
        Some(_) => Lifecycle::Deploying,
    }
}

/// The phases of a deployment, in the order of their first stages. Stages without a phase are in none, and those that
/// were skipped take no time.
pub fn phases(state: &DeploymentState) -> Vec<Phase> {
    let mut phases: Vec<(Phase, Vec<&StageState>)> = Vec::new();
    for stage in &state.stages {
        let Some(name) = &stage.planned.phase else { continue };
        match phases.iter_mut().find(|(phase, _)| phase.name == *name) {
            Some((_, stages)) => stages.push(stage),
            None => {
                let phase = Phase { name: name.clone(), started_at: None, ended_at: None };
                phases.push((phase, vec![stage]));
            }
        }
    }
    let ended = state.status.is_some_and(DeploymentStatus::is_terminal);
    let timed = phases.into_iter().map(|(phase, stages)| {
        let open = |stage: &&StageState| stage.ended_at.is_none() && stage.skipped.is_none();
        let over = ended || !stages.iter().any(open);
        Phase {
            started_at: stages.iter().filter_map(|stage| stage.started_at).min(),
            ended_at: stages.iter().filter_map(|stage| stage.ended_at).max().filter(|_| over),
            ..phase
        }
    });
    timed.collect()
}

#[cfg(test)]
mod tests;
