//! A divergence: the guest asks for something else than its record holds.

use serde_json::Value;
use windlass_api_types::RepeatPolicy;

/// A capability call as the journal compares it.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub position: u64,
    pub function: String,
    pub policy: RepeatPolicy,
    pub arguments: Value,
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}) {}", self.function, self.policy, self.arguments)
    }
}

/// The first difference between a record and its replay. Never retried, never guessed over.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Divergence {
    #[error("the replay differs from the record at effect {}:\n  recorded: {recorded}\n  replayed: {asked}", asked.position)]
    Different { recorded: Box<Call>, asked: Box<Call> },
    #[error("the replay goes on where the record ends, at effect {}:\n  recorded: nothing\n  replayed: {asked}", asked.position)]
    Longer { asked: Box<Call> },
    #[error("the replay ends before its record, at effect {}:\n  recorded: {recorded}\n  replayed: nothing: {ended}", recorded.position)]
    Shorter {
        recorded: Box<Call>,
        /// How the guest ended instead, a sentence.
        ended: String,
    },
    #[error("effect {} has no recorded answer, so that the replay cannot go on:\n  recorded: {recorded}", recorded.position)]
    Unanswered { recorded: Box<Call> },
    #[error("the replay has other outputs than the record:\n  recorded: {recorded}\n  replayed: {replayed}")]
    Outcome { recorded: String, replayed: String },
}

impl Divergence {
    /// With how the guest ended, where it ended too early.
    pub fn at_end(self, end: impl FnOnce() -> String) -> Self {
        match self {
            Self::Shorter { recorded, .. } => Self::Shorter { recorded, ended: end() },
            other => other,
        }
    }
}
