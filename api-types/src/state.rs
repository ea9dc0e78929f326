//! The state of a deployment: a pure fold of its events. Server, CLI and web UI share it, so that a
//! live, a reconnecting and a finished view are the same computation.

use crate::approval::Approval;
use crate::event::{EventBody, PlannedStage};
use crate::{
    DeploymentKind, DeploymentStatus, EffectAnswer, Event, FailedBy, Failure, RepeatPolicy, Resolution, RunMode,
    StageRunId, StageStatus, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

mod apply;
mod approvals;
#[cfg(test)]
mod tests;

/// What the events so far make of a deployment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeploymentState {
    /// The `seq` of the last event seen; 0 before the first.
    pub last_seq: u64,
    /// Absent before the first event.
    pub status: Option<DeploymentStatus>,
    pub number: u64,
    pub reason: Option<DeploymentKind>,
    pub actor: String,
    pub release: String,
    pub queued_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub cancel_requested: bool,
    /// Who asked first.
    #[serde(default)]
    pub canceled_by: Option<String>,
    /// Its own timeout is over; milliseconds.
    #[serde(default)]
    pub timed_out_after: Option<u64>,
    /// Why it cannot go on before a person has mended something.
    #[serde(default)]
    pub interruption: Option<String>,
    /// Labels of what was live when it started, by target; an empty name is the server itself.
    #[serde(default)]
    pub live: BTreeMap<String, String>,
    /// Batches of rollouts that have begun: the rollout and the batch's number.
    #[serde(default)]
    pub batches: Vec<(String, u32)>,
    /// Milliseconds for which it did not run: nobody ran it, or it waited for a person. A wait that has not ended
    /// is not counted.
    #[serde(default)]
    pub idle: u64,
    /// Since when it waits for a person.
    #[serde(default)]
    pub held_since: Option<Timestamp>,
    /// Every planned stage in order, from the first event on.
    pub stages: Vec<StageState>,
    /// Every stage run in the order of their start.
    pub runs: Vec<StageRunState>,
    /// The stage that decided a failure.
    pub failed_stage: Option<String>,
    pub failed_by: Option<FailedBy>,
    pub failure: Option<Failure>,
    /// Where things stand after a failure, a sentence a target.
    pub standing: Vec<String>,
    /// Every question to a person, in the order in which they were asked.
    #[serde(default)]
    pub approvals: Vec<Approval>,
    /// Names of the targets on which the release went live; an empty name is the server itself.
    pub activated: Vec<String>,
}

/// A planned stage and what became of it, over all its targets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StageState {
    #[serde(flatten)]
    pub planned: PlannedStage,
    pub status: StageStatus,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// Why it was skipped.
    pub skipped: Option<String>,
    /// Targets on which it will not run.
    pub skipped_targets: Vec<String>,
}

/// One stage run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StageRunState {
    pub id: StageRunId,
    pub stage: String,
    pub target: Option<String>,
    pub attempt: u32,
    pub mode: RunMode,
    pub plugin: String,
    pub digest: String,
    pub status: StageStatus,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub outputs: Option<Value>,
    pub failure: Option<Failure>,
    pub failed_by: Option<FailedBy>,
    /// Whether another attempt follows.
    #[serde(default)]
    pub will_retry: bool,
    /// The heading of the step it is in.
    pub step: Option<String>,
    pub progress: Option<Progress>,
    /// The last checkpoint it stored.
    pub checkpoint: Option<Value>,
    /// How many effects were started.
    pub effects: u64,
    /// Whether one of them may have changed more than the deployment's own record.
    #[serde(default)]
    pub changed: bool,
    /// Why it waits for a person.
    #[serde(default)]
    pub suspended: Option<String>,
    /// The effect under way: its position and function.
    pub open_effect: Option<OpenEffect>,
}

/// How far a step is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    pub done: u64,
    pub total: Option<u64>,
    pub unit: String,
}

/// An effect that has no answer yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenEffect {
    pub position: u64,
    pub function: String,
    pub arguments: Value,
    /// What a person said of it; the run is about to go on.
    #[serde(default)]
    pub resolution: Option<Resolution>,
}

/// An event that cannot follow the ones before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IllegalEvent {
    pub seq: u64,
    pub kind: &'static str,
    pub reason: String,
}

impl std::fmt::Display for IllegalEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "event {} ({}) cannot follow: {}", self.seq, self.kind, self.reason)
    }
}

impl std::error::Error for IllegalEvent {}

impl DeploymentState {
    /// Takes the next event in. On an error nothing is changed.
    pub fn apply(&mut self, event: &Event) -> Result<(), IllegalEvent> {
        apply::apply(self, event)
    }

    /// The state after a whole record.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Result<Self, IllegalEvent> {
        let mut state = Self::default();
        for event in events {
            state.apply(event)?;
        }
        Ok(state)
    }

    /// The last run of a stage on a target (none: on the server), undo runs aside.
    pub fn last_run(&self, stage: &str, target: Option<&str>) -> Option<&StageRunState> {
        self.runs
            .iter()
            .rev()
            .find(|run| run.mode == RunMode::Run && run.stage == stage && run.target.as_deref() == target)
    }

    /// The questions that wait for an answer.
    pub fn open_approvals(&self) -> impl Iterator<Item = &Approval> {
        self.approvals.iter().filter(|approval| approval.is_open())
    }

    /// The question that a stage run waits for.
    pub fn waits_for(&self, run: StageRunId) -> Option<&Approval> {
        let run = self.runs.iter().rev().find(|known| known.id == run)?;
        let open = run.open_effect.as_ref().filter(|open| open.function == crate::approval::WAIT)?;
        self.approval(&crate::approval::key_of_plugin(run, open.arguments.get("key")?.as_str()?))
    }

    /// A question by its key.
    pub fn approval(&self, key: &str) -> Option<&Approval> {
        self.approvals.iter().find(|approval| approval.key == key)
    }

    /// The stage runs that have not ended.
    pub fn open_runs(&self) -> impl Iterator<Item = &StageRunState> {
        self.runs.iter().filter(|run| run.ended_at.is_none())
    }

    /// A planned stage by its id.
    pub fn stage(&self, id: &str) -> Option<&StageState> {
        self.stages.iter().find(|stage| stage.planned.id == id)
    }
}
