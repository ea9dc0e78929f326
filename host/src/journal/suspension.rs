//! A suspension: the guest is stopped until a person has given the answer that nobody else can.

use windlass_api_types::StageStatus;

/// Why a stage run cannot go on by itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{function}: {reason}")]
pub struct Suspension {
    /// `interrupted` or `waiting`.
    pub status: StageStatus,
    /// The effect that has no answer.
    pub position: u64,
    /// Interface and function, such as `ssh-exec.exec`.
    pub function: &'static str,
    pub reason: String,
}
