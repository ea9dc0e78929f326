//! Planning an effect: reads are performed, everything else is listed and answered by its preview.

use super::{Answered, Call, CallError, Effect, Journal, Performance, Preview, Tee, idempotency_key};
use crate::event::now;
use std::sync::{Arc, Mutex, PoisonError};
use windlass_api_types::plan::PlannedEffect;

/// What a plan lists. Cheap to clone; one per stage run.
#[derive(Clone, Default)]
pub struct PlanLog {
    inner: Arc<Mutex<Listed>>,
}

#[derive(Default)]
struct Listed {
    effects: Vec<PlannedEffect>,
    simulated: bool,
}

impl PlanLog {
    /// The log of a stage run that follows others: `simulated` says that one of them met an invented
    /// answer.
    pub fn after(simulated: bool) -> Self {
        Self { inner: Arc::new(Mutex::new(Listed { effects: Vec::new(), simulated })) }
    }

    /// Takes what was listed, and whether an answer was invented so far.
    pub fn take(&self) -> (Vec<PlannedEffect>, bool) {
        let mut listed = self.lock();
        (std::mem::take(&mut listed.effects), listed.simulated)
    }

    fn simulated(&self) -> bool {
        self.lock().simulated
    }

    fn list(&self, call: Call, summary: String, performed: bool, invented: bool) {
        let mut listed = self.lock();
        let simulated = listed.simulated;
        listed.simulated |= invented;
        listed.effects.push(PlannedEffect {
            position: call.position,
            function: call.function,
            policy: call.policy,
            summary,
            arguments: call.arguments,
            performed,
            simulated,
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Listed> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Send + Sync + 'static> Journal<W> {
    pub(super) async fn plan_call<E: Effect<World = W>>(
        &self,
        log: &PlanLog,
        world: Arc<W>,
        effect: E,
        call: Call,
    ) -> Result<Answered<E::Answer>, CallError> {
        let summary = effect.summary();
        let position = call.position;
        if let Err(refusal) = effect.check(&world) {
            log.list(call, summary, false, false);
            return Ok(Err(refusal));
        }
        let preview = effect.preview(log.simulated());
        let performed = matches!(preview, Preview::Perform);
        let invented = matches!(preview, Preview::Invent(_));
        log.list(call, summary, performed, invented);
        let answer = match preview {
            Preview::Invent(answer) => Ok(answer),
            Preview::Perform | Preview::Overlay => {
                let performance = Performance {
                    key: idempotency_key(self.inner.run, position),
                    cancel: self.inner.cancel.clone(),
                    tee: Tee::silent(),
                    fence: None,
                    again: false,
                };
                effect.perform(world, performance).await.map(|performed| performed.answer)
            }
        };
        self.inner.clock.answered(now());
        Ok(answer)
    }
}
