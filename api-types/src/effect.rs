//! Looking back at a deployment: pages of its events, and its effects.

use crate::{AnswerOrigin, EffectAnswer, Event, RepeatPolicy, RunMode, StageRunId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A page of events, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventPage {
    pub events: Vec<Event>,
    /// Pass it as `after` for the next page; absent on the last.
    pub next: Option<u64>,
}

/// An effect as the deployment's journal has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeploymentEffect {
    pub run: EffectRun,
    /// Counts from 0 within the stage run.
    pub position: u64,
    /// Interface and function, such as `ssh-exec.exec`.
    pub function: String,
    pub policy: RepeatPolicy,
    /// One line for people.
    #[serde(default)]
    pub summary: String,
    /// Secrets as `{{secret:name@version}}`.
    pub arguments: Value,
    /// Absent while it is under way, or where its outcome is unknown.
    pub answer: Option<EffectAnswer>,
    pub origin: Option<AnswerOrigin>,
    /// Milliseconds.
    pub took: Option<u64>,
    pub started_at: Timestamp,
}

/// The stage run that an effect belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EffectRun {
    pub id: StageRunId,
    pub stage: String,
    pub target: Option<String>,
    pub attempt: u32,
    pub mode: RunMode,
}
