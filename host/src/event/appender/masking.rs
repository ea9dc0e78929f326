//! Keeping the values of secrets out of events.

use crate::event::NewEvent;
use crate::mask::Masker;
use std::borrow::Cow;
use windlass_api_types::{EffectAnswer, EventBody, Failure};

/// Masks every text of an event that does not come from the host itself.
pub(super) fn mask(masker: &Masker, event: &mut NewEvent) {
    text(masker, &mut event.message);
    match &mut event.body {
        EventBody::StageRunStarted { context, .. } => masker.json(context),
        EventBody::StageRunEnded { outputs, failure, .. } => {
            outputs.iter_mut().for_each(|outputs| masker.json(outputs));
            failure.iter_mut().for_each(|failed| mask_failure(masker, failed));
        }
        EventBody::EffectStarted { arguments, .. } => masker.json(arguments),
        EventBody::EffectCompleted { answer, .. } => mask_answer(masker, answer),
        EventBody::DeploymentEnded { failure, standing, .. } => {
            failure.iter_mut().for_each(|failed| mask_failure(masker, failed));
            standing.iter_mut().for_each(|sentence| text(masker, sentence));
        }
        EventBody::ProgressMade { unit, .. } => text(masker, unit),
        EventBody::ApprovalRequested { prompt, .. } => text(masker, prompt),
        _ => {}
    }
    if let Some(entry) = event.state_write.as_mut().and_then(|write| write.entry.as_mut()) {
        text(masker, &mut entry.value);
    }
}

/// Masks what the guest is answered, which is what is recorded.
pub(crate) fn mask_answer(masker: &Masker, answer: &mut EffectAnswer) {
    match answer {
        EffectAnswer::Ok(value) => masker.json(value),
        EffectAnswer::Err(failure) => mask_failure(masker, failure),
    }
}

fn mask_failure(masker: &Masker, failure: &mut Failure) {
    text(masker, &mut failure.message);
    failure.hint.iter_mut().for_each(|hint| text(masker, hint));
}

fn text(masker: &Masker, text: &mut String) {
    if let Cow::Owned(masked) = masker.text(text) {
        *text = masked;
    }
}
