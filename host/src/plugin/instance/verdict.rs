//! How a stage run ended, and what a trap means.

use super::{Limits, stopped_by};
use crate::journal::{CallError, Divergence, Suspension};
use serde_json::Value;
use wasmtime::Trap;
use windlass_api_types::{ErrorKind, Failure};

/// What a guest that ran to its end said.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The stage's outputs; an empty object after an undo.
    Done(Value),
    Failed(Failure),
}

/// Why a guest did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It met a limit, panicked, or answered nonsense: the plugin's fault.
    #[error("{0}")]
    Misbehaved(Failure),
    /// It asked for something else than its record holds.
    #[error("{0}")]
    Diverged(Divergence),
    /// Windlass itself could not go on.
    #[error("{0}")]
    Platform(Failure),
    /// It asked for what only a person can answer.
    #[error("{0}")]
    Suspended(Suspension),
    /// This process let go of the deployment.
    #[error("the deployment was handed over")]
    HandedOver,
}

/// How a guest ended, a sentence.
pub(super) fn said(ended: &Result<Outcome, RunError>) -> String {
    match ended {
        Ok(Outcome::Done(_)) => "it succeeded".into(),
        Ok(Outcome::Failed(failure)) | Err(RunError::Misbehaved(failure)) => format!("it failed: {}", failure.message),
        Err(error) => error.to_string(),
    }
}

/// Says what stopped a guest.
pub(super) fn of_trap(trap: &wasmtime::Error, limits: &Limits, memory_refused: bool, out_of_cpu: bool) -> RunError {
    if let Some(error) = stopped_by(trap) {
        return of_call(error, limits);
    }
    let misbehaved = |code: &str, message: String, hint: &str| {
        RunError::Misbehaved(Failure::new(ErrorKind::Failed, code, message).hint(hint))
    };
    match trap.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) if out_of_cpu => misbehaved(
            "cpu-limit",
            format!("it computed for longer than {} s", limits.cpu_seconds),
            "an endless loop in the plugin? Otherwise raise plugins.cpu_seconds",
        ),
        _ if memory_refused => misbehaved(
            "memory-limit",
            format!("it needs more than {} MiB of memory", limits.memory_mb),
            "raise plugins.memory_mb if it should",
        ),
        Some(trap) => misbehaved(
            "trapped",
            format!("it panicked ({})", describe(*trap)),
            "the lines it wrote before are in the stage's log; tell the plugin's author",
        ),
        None => misbehaved(
            "trapped",
            format!("it was stopped: {}", trap.root_cause()),
            "tell the plugin's author; limits stand under [plugins] in the server's configuration",
        ),
    }
}

fn describe(trap: Trap) -> String {
    match trap {
        Trap::UnreachableCodeReached => "unreachable code".into(),
        Trap::StackOverflow => "stack overflow".into(),
        other => other.to_string().trim_start_matches("wasm trap: ").into(),
    }
}

fn of_call(error: &CallError, limits: &Limits) -> RunError {
    match error {
        CallError::Divergence(divergence) => RunError::Diverged(divergence.clone()),
        CallError::TooManyEffects { .. } => RunError::Misbehaved(
            Failure::new(ErrorKind::Failed, "effects-limit", error.to_string())
                .hint(format!("a loop in the plugin? Otherwise raise plugins.effects (now {})", limits.effects)),
        ),
        CallError::Suspended(suspension) => RunError::Suspended(suspension.clone()),
        CallError::HandedOver => RunError::HandedOver,
        CallError::Abandoned { .. } | CallError::Recording(_) | CallError::Answer { .. } | CallError::Broken { .. } => {
            RunError::Platform(Failure::new(ErrorKind::Internal, "platform", error.to_string()))
        }
    }
}
