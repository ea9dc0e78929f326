//! The replay of a deployment: its stage runs once more, against their recorded effects, and what differs.

use crate::effect::EffectRun;
use crate::{AnswerOrigin, EffectAnswer, EffectReplay, Failure, RepeatPolicy, ReplayVerdict, StageStatus};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What became of a deployment's stage runs when they were run again. Nothing was performed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Replay {
    /// Such as `shop#41`.
    pub deployment: String,
    /// The component that was used in place of the recorded ones of its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<ReplayPlugin>,
    /// In the order in which they started.
    pub runs: Vec<ReplayedRun>,
}

/// A component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplayPlugin {
    /// Name and version, such as `run@1.0.0`.
    pub label: String,
    /// `sha256:` and 64 hex digits.
    pub digest: String,
}

/// One stage run, run again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplayedRun {
    pub run: EffectRun,
    /// What it was recorded with.
    pub plugin: ReplayPlugin,
    /// What it was run again with, where that is another component.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed_with: Option<ReplayPlugin>,
    pub verdict: ReplayVerdict,
    pub effects: Vec<ReplayedEffect>,
    /// How the record ends; absent where it has no end yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<RunOutcome>,
    /// How the replay ended; absent where it was stopped before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed: Option<RunOutcome>,
    /// The first difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// A sentence for people about what could not be compared, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How a stage run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunOutcome {
    pub status: StageStatus,
    /// Absent after an undo, and after a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// A recorded effect and what the replay made of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplayedEffect {
    #[serde(flatten)]
    pub call: ReplayCall,
    /// Absent where the record has none.
    pub answer: Option<EffectAnswer>,
    pub origin: Option<AnswerOrigin>,
    pub replayed: EffectReplay,
}

/// A capability call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplayCall {
    /// Counts from 0 within the stage run.
    pub position: u64,
    /// Interface and function, such as `ssh-exec.exec`.
    pub function: String,
    pub policy: RepeatPolicy,
    /// One line for people.
    pub summary: String,
    /// Secrets as `{{secret:name@version}}`.
    pub arguments: Value,
}

/// Where a replay and its record part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Difference {
    /// Another call at the same position.
    Call { recorded: ReplayCall, replayed: ReplayCall, values: Vec<ValueDifference> },
    /// The replay makes a call where the record has ended.
    Longer { replayed: ReplayCall },
    /// The replay ended, and the record goes on with a call.
    Shorter {
        recorded: ReplayCall,
        /// How it ended instead, a sentence.
        ended: String,
    },
    /// Every call is the same, and it ended otherwise.
    Outcome { values: Vec<ValueDifference> },
}

/// One value that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ValueDifference {
    /// A JSON Pointer (RFC 6901): into the call (`/function`, `/arguments/command/argv/1`), or the outcome
    /// (`/outputs/text`, `/failure/message`).
    pub path: String,
    /// Absent: the record has nothing there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Value>,
    /// Absent: the replay has nothing there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed: Option<Value>,
}

impl Replay {
    /// How many stage runs have a verdict.
    pub fn count(&self, verdict: ReplayVerdict) -> usize {
        self.runs.iter().filter(|run| run.verdict == verdict).count()
    }
}
