//! An effect that is recorded without an answer: what its policy and a person make of it.

use super::{CallError, Effect, Found, Preview, Suspension, to_value};
use windlass_api_types::{EffectAnswer, ErrorKind, Failure, RepeatPolicy, Resolution, StageStatus};

/// What is next for a call.
pub(super) enum Next {
    Perform {
        /// Whether it may have been performed before.
        again: bool,
    },
    /// A person gave this answer; nothing is performed.
    Answer(EffectAnswer),
}

pub(super) fn next<E: Effect>(effect: &E, position: u64, found: &Found) -> Result<Next, CallError> {
    let Found::Open { resolution, .. } = found else { return Ok(Next::Perform { again: false }) };
    match resolution {
        Some(Resolution::Retry) => Ok(Next::Perform { again: true }),
        Some(Resolution::Done) => Ok(Next::Answer(done(effect)?)),
        Some(Resolution::Fail) => Ok(Next::Answer(EffectAnswer::Err(failed()))),
        None if effect.policy() != RepeatPolicy::Once => Ok(Next::Perform { again: true }),
        None => Err(Suspension {
            status: StageStatus::Interrupted,
            position,
            function: E::FUNCTION,
            reason: "the server ended before it knew whether this had happened".into(),
        }
        .into()),
    }
}

/// The answer of an effect that went well, as a plan would invent it.
fn done<E: Effect>(effect: &E) -> Result<EffectAnswer, CallError> {
    match effect.preview(false) {
        Preview::Invent(answer) => Ok(EffectAnswer::Ok(to_value(E::FUNCTION, &answer)?)),
        Preview::Perform | Preview::Overlay => Err(CallError::Broken {
            function: E::FUNCTION,
            reason: "it can be repeated, and was never to be resolved".into(),
        }),
    }
}

fn failed() -> Failure {
    Failure::new(ErrorKind::Failed, "resolved-failed", "a person said that it failed")
}
