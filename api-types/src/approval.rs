//! Approvals: questions to people that a deployment waits for.

use crate::{Decision, Timestamp};
use serde::{Deserialize, Serialize};

/// The key of the approval that a whole deployment waits for before its first stage. No stage has this id.
pub const OF_DEPLOYMENT: &str = "deployment";

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
