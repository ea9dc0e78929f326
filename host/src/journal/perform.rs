//! Performing an effect: intent, effect, answer, in a task that the journal owns.

use super::repeat::Next;
use super::{
    Answered, Call, CallError, Effect, Found, Inner, Journal, Logged, Performance, Suspension, Tee, canceled, decode,
    repeat, to_value,
};
use crate::crash;
use crate::event::{Appender, Durability, NewEvent, mask_answer, now};
use crate::store::StateWrite;
use std::sync::{Arc, PoisonError};
use std::time::Instant;
use uuid::Uuid;
use windlass_api_types::{AnswerOrigin, EffectAnswer, ErrorKind, EventBody, RepeatPolicy, StageStatus};

impl<W: Send + Sync + 'static> Journal<W> {
    /// Performs and records in a task of its own: a guest that is dropped leaves no effect unrecorded.
    pub(super) async fn perform_call<E: Effect<World = W>>(
        &self,
        appender: Appender,
        world: Arc<W>,
        effect: E,
        call: Call,
        found: Found,
    ) -> Result<Answered<E::Answer>, CallError> {
        let inner = self.inner.clone();
        let task = self.inner.tasks.spawn(perform_and_record(inner, appender, world, effect, call, found));
        let answer =
            task.await.map_err(|error| CallError::Broken { function: E::FUNCTION, reason: error.to_string() })??;
        decode(E::FUNCTION, answer)
    }
}

/// An answer on its way into the record.
struct Answer {
    answer: EffectAnswer,
    origin: AnswerOrigin,
    write: Option<StateWrite>,
    took: u64,
}

async fn perform_and_record<E: Effect>(
    inner: Arc<Inner<E::World>>,
    appender: Appender,
    world: Arc<E::World>,
    effect: E,
    call: Call,
    found: Found,
) -> Result<EffectAnswer, CallError> {
    let position = call.position;
    let key = found.key(inner.run, position);
    let clean_up = effect.clean_up(&world, key);
    let logged = inner.logged(&call);
    let answer = match repeat::next(&effect, position, &found)? {
        Next::Answer(answer) => Answer { answer, origin: AnswerOrigin::Resolved, write: None, took: 0 },
        Next::Perform { again } => {
            if inner.hand_over.is_cancelled() {
                return Err(CallError::HandedOver);
            }
            record_intent(&inner, &appender, call).await?;
            crash::at("journal.intent-recorded");
            perform(&inner, &appender, world, effect, position, again, (key, logged)).await?
        }
    };
    crash::at("journal.performed");
    let at = now();
    let completed = EventBody::EffectCompleted {
        position,
        answer: answer.answer.clone(),
        origin: answer.origin,
        took: answer.took,
    };
    let event = NewEvent::of_run(inner.run, completed).at(at).state_write(answer.write);
    appender.commit(event, Durability::Normal).await?;
    crash::at("journal.answer-recorded");
    inner.clock.answered(at);
    if let Some(clean_up) = clean_up {
        clean_up();
    }
    Ok(answer.answer)
}

/// Does it. Where nobody can tell whether it happened there is no answer: a person must say.
async fn perform<E: Effect>(
    inner: &Inner<E::World>,
    appender: &Appender,
    world: Arc<E::World>,
    effect: E,
    position: u64,
    again: bool,
    (key, logged): (Uuid, Logged),
) -> Result<Answer, CallError> {
    let started = Instant::now();
    inner.under_way(E::FUNCTION);
    let policy = effect.policy();
    let tee = Tee::new(appender.clone(), inner.run, position, logged);
    let tee = match policy {
        RepeatPolicy::Read | RepeatPolicy::Idempotent if again => tee.anew(),
        _ => tee,
    };
    let performance = Performance { key, cancel: inner.cancel.clone(), tee, fence: Some(appender.fence()), again };
    let performed = match effect.check(&world) {
        Err(refusal) => Err(refusal),
        // What was started before is still to be ended: it is performed, and sees for itself that it is canceled.
        Ok(()) if inner.cancel.is_cancelled() && !again => Err(canceled()),
        Ok(()) => {
            if let Some(reason) = effect.awaits(&performance) {
                return Err(Suspension { status: StageStatus::Waiting, position, function: E::FUNCTION, reason }.into());
            }
            let performing = effect.perform(world, performance);
            tokio::select! {
                performed = performing => performed,
                // Who takes the deployment over repeats it; what may not be repeated is waited for.
                () = inner.hand_over.cancelled(), if policy != RepeatPolicy::Once => {
                    return Err(CallError::HandedOver);
                }
                () = inner.abandon.cancelled() => return Err(CallError::Abandoned { function: E::FUNCTION }),
            }
        }
    };
    // Other unknown outcomes are the guest's to judge: it gets the error that the contract has for them.
    let unknown = |failure: &windlass_api_types::Failure| {
        failure.kind == ErrorKind::OutcomeUnknown && policy == RepeatPolicy::Reattachable
    };
    let (mut answer, write) = match performed {
        Err(failure) if unknown(&failure) => {
            let (status, reason) = (StageStatus::Interrupted, failure.message);
            return Err(Suspension { status, position, function: E::FUNCTION, reason }.into());
        }
        Err(failure) => (EffectAnswer::Err(failure), None),
        Ok(performed) => (EffectAnswer::Ok(to_value(E::FUNCTION, &performed.answer)?), performed.write),
    };
    mask_answer(&appender.masker(), &mut answer);
    let origin = match again && policy == RepeatPolicy::Reattachable {
        true => AnswerOrigin::Found,
        false => AnswerOrigin::Performed,
    };
    Ok(Answer { answer, origin, write, took: millis(started) })
}

impl<W> Inner<W> {
    /// What the log has of this call already. Only a command that is found again says the same once more.
    fn logged(&self, call: &Call) -> Logged {
        let cursor = self.cursor.lock().unwrap_or_else(PoisonError::into_inner);
        match call.policy {
            RepeatPolicy::Reattachable => cursor.recorded.logged(call.position),
            _ => Logged::default(),
        }
    }
}

/// Records that the effect is about to be performed. One that changes the world waits until that is
/// on disk; one that only reads goes ahead.
async fn record_intent<W>(inner: &Inner<W>, appender: &Appender, call: Call) -> Result<(), CallError> {
    let policy = call.policy;
    let started = EventBody::EffectStarted {
        position: call.position,
        function: call.function,
        policy,
        arguments: call.arguments,
    };
    let event = NewEvent::of_run(inner.run, started);
    match policy {
        RepeatPolicy::Read => appender.append(event).await?,
        _ => drop(appender.commit(event, Durability::Full).await?),
    }
    Ok(())
}

fn millis(since: Instant) -> u64 {
    since.elapsed().as_millis().try_into().unwrap_or(u64::MAX)
}
