//! Approvals: questions to people that a deployment waits for.

use crate::{Decision, RunMode, StageRunId, StageRunState, Timestamp};
use serde::{Deserialize, Serialize};

/// The key of the approval that a whole deployment waits for before its first stage. No stage has this id.
pub const OF_DEPLOYMENT: &str = "deployment";

/// The function whose argument `key` names the question that a stage run waits for.
pub const WAIT: &str = "approval.wait";

/// A question to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Approval {
    /// Unique within the deployment.
    pub key: String,
    /// What is asked.
    pub prompt: String,
    /// The stage that waits; absent: the deployment does, before its first stage.
    pub stage: Option<String>,
    /// The stage run whose plugin asks; absent: the pipeline does.
    pub run: Option<StageRunId>,
    pub requested_at: Timestamp,
    /// Who has not answered by then has not approved.
    pub expires: Timestamp,
    /// Absent while it is open.
    pub decided: Option<Decided>,
}

/// How a question was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decided {
    pub decision: Decision,
    /// Who decided; absent where nobody did.
    pub by: Option<String>,
    pub at: Timestamp,
}

/// Which of a deployment's open questions is answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decide {
    /// That of this stage; absent: the only one that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The one with this key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// The key of what a plugin asks: what it calls the question, within its stage and its target. An undo asks for itself.
pub fn key_of_plugin(run: &StageRunState, key: &str) -> String {
    let undo = if run.mode == RunMode::Undo { "undo/" } else { "" };
    match &run.target {
        Some(target) => format!("{undo}{}/{target}/{key}", run.stage),
        None => format!("{undo}{}/{key}", run.stage),
    }
}

impl Approval {
    /// Whether it still waits for an answer.
    pub fn is_open(&self) -> bool {
        self.decided.is_none()
    }

    /// What waits: a stage's id, or the deployment.
    pub fn place(&self) -> &str {
        self.stage.as_deref().unwrap_or("the deployment")
    }
}
