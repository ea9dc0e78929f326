//! Performing an effect: intent, effect, answer, in a task that the journal owns.

use super::{
    Answered, Call, CallError, Effect, Inner, Journal, Logged, Performance, Tee, canceled, decode, idempotency_key,
    to_value,
};
use crate::event::{Appender, Durability, NewEvent, mask_answer, now};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Instant;
use windlass_api_types::{AnswerOrigin, EffectAnswer, EventBody, RepeatPolicy};

impl<W: Send + Sync + 'static> Journal<W> {
    /// Performs and records in a task of its own: a guest that is dropped leaves no effect unrecorded.
    pub(super) async fn perform_call<E: Effect<World = W>>(
        &self,
        appender: Appender,
        world: Arc<W>,
        effect: E,
        call: Call,
    ) -> Result<Answered<E::Answer>, CallError> {
        let inner = self.inner.clone();
        let task = self.inner.tasks.spawn(perform_and_record(inner, appender, world, effect, call));
        let answer =
            task.await.map_err(|error| CallError::Broken { function: E::FUNCTION, reason: error.to_string() })??;
        decode(E::FUNCTION, answer)
    }
}

async fn perform_and_record<E: Effect>(
    inner: Arc<Inner<E::World>>,
    appender: Appender,
    world: Arc<E::World>,
    effect: E,
    call: Call,
) -> Result<EffectAnswer, CallError> {
    let position = call.position;
    let logged = inner.logged(&call);
    record_intent(&inner, &appender, call).await?;
    let started = Instant::now();
    let key = idempotency_key(inner.run, position);
    let clean_up = effect.clean_up(&world, key);
    let tee = Tee::new(appender.clone(), inner.run, position, logged);
    let performance = Performance { key, cancel: inner.cancel.clone(), tee, fence: Some(appender.fence()) };
    if E::OUTSIDE && effect.policy() != RepeatPolicy::Read {
        inner.changed.store(true, Ordering::Release);
    }
    let (answer, write) = match effect.check(&world) {
        Err(refusal) => (EffectAnswer::Err(refusal), None),
        Ok(()) if inner.cancel.is_cancelled() => (EffectAnswer::Err(canceled()), None),
        Ok(()) => match effect.perform(world, performance).await {
            Err(failure) => (EffectAnswer::Err(failure), None),
            Ok(performed) => (EffectAnswer::Ok(to_value(E::FUNCTION, &performed.answer)?), performed.write),
        },
    };
    let mut answer = answer;
    mask_answer(&appender.masker(), &mut answer);
    let at = now();
    let completed = EventBody::EffectCompleted {
        position,
        answer: answer.clone(),
        origin: AnswerOrigin::Performed,
        took: millis(started),
    };
    appender.commit(NewEvent::of_run(inner.run, completed).at(at).state_write(write), Durability::Normal).await?;
    inner.clock.answered(at);
    if let Some(clean_up) = clean_up {
        clean_up();
    }
    Ok(answer)
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
