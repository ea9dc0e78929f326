//! The effect journal: every capability call of a stage run passes through [`Journal::call`].
//!
//! A journal is in one of three modes. *Perform*: an effect's intent is recorded, the effect is
//! performed, its answer is recorded, and only then does the guest see it. *Plan*: effects that change
//! the world answer with a preview and are only listed. *Replay*: recorded effects answer, nothing is
//! performed. Entries that are already recorded answer in every mode, and must match what the guest
//! asks for: position, function, policy, arguments.
//!
//! An effect that is recorded without an answer (its server died, or nobody knows what became of it) is
//! repeated as its policy says, or the guest is stopped until a person has said what became of it.

use crate::event::{AppendError, Appender};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;
use windlass_api_types::project::SecretVersions;
use windlass_api_types::{EffectAnswer, ErrorKind, Failure, Resolution, StageRunId, Timestamp};

mod clock;
mod divergence;
mod effect;
mod log;
mod perform;
mod plan;
mod question;
mod recorded;
mod repeat;
mod suspension;

pub use clock::Clock;
pub use divergence::{Call, Divergence};
pub use effect::{Answered, CleanUp, Effect, Performance, Performed, Preview};
pub use log::Tee;
pub use plan::PlanLog;
pub use recorded::{Logged, Recorded, RecordedEffect};
pub use suspension::Suspension;

/// The journal of one stage run. `W` is what effects need to be performed: a replay has none. Cheap to
/// clone.
pub struct Journal<W> {
    inner: Arc<Inner<W>>,
}

impl<W> Clone for Journal<W> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

struct Inner<W> {
    run: StageRunId,
    mode: Mode<W>,
    cursor: Mutex<Cursor>,
    clock: Arc<Clock>,
    /// Told when the deployment is canceled; every effect sees it.
    cancel: CancellationToken,
    /// Effects that a dropped guest left behind: they are recorded all the same.
    tasks: TaskTracker,
    most_effects: u64,
    secrets: Arc<SecretVersions>,
    /// Told when this process lets go of the deployment: effects that can be repeated are left to who takes it.
    hand_over: CancellationToken,
    /// Told when an effect is no longer waited for.
    abandon: CancellationToken,
}

/// Where answers come from and go to.
enum Mode<W> {
    Perform(Appender, Arc<W>),
    Plan(PlanLog, Arc<W>),
    Replay,
}

/// How far the guest is.
struct Cursor {
    /// The position of the next effect.
    position: u64,
    /// The guest's log calls so far.
    ordinal: u64,
    recorded: Recorded,
    divergence: Option<Divergence>,
    /// The function of the last effect that was performed.
    under_way: Option<&'static str>,
}

/// Why a call has no answer for the guest: the guest is stopped.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("{0}")]
    Divergence(#[from] Divergence),
    #[error("the stage made more than {most} capability calls")]
    TooManyEffects { most: u64 },
    #[error("the deployment's record could not be written: {0}")]
    Recording(#[from] AppendError),
    #[error("{0}")]
    Suspended(#[from] Suspension),
    #[error("the deployment was handed over")]
    HandedOver,
    #[error("`{function}` did not end when it was told to")]
    Abandoned { function: &'static str },
    #[error("the record holds an answer that `{function}` cannot have: {reason}")]
    Answer { function: &'static str, reason: String },
    #[error("the effect `{function}` broke: {reason}")]
    Broken { function: &'static str, reason: String },
}

impl<W: Send + Sync + 'static> Journal<W> {
    /// A journal that performs, after answering from what is recorded already.
    pub fn perform(
        run: StageRunId,
        started: Timestamp,
        appender: Appender,
        world: Arc<W>,
        options: JournalOptions,
    ) -> Self {
        Self::new(run, started, Mode::Perform(appender, world), options)
    }

    /// A journal that lists what would be done.
    pub fn plan(run: StageRunId, started: Timestamp, log: PlanLog, world: Arc<W>, options: JournalOptions) -> Self {
        Self::new(run, started, Mode::Plan(log, world), options)
    }

    /// A journal that answers from what is recorded, and performs nothing.
    pub fn replay(run: StageRunId, started: Timestamp, options: JournalOptions) -> Self {
        Self::new(run, started, Mode::Replay, options)
    }

    fn new(run: StageRunId, started: Timestamp, mode: Mode<W>, options: JournalOptions) -> Self {
        let cursor = Cursor { position: 0, ordinal: 0, recorded: options.recorded, divergence: None, under_way: None };
        Self {
            inner: Arc::new(Inner {
                run,
                mode,
                cursor: Mutex::new(cursor),
                clock: Arc::new(Clock::starting_at(started)),
                cancel: options.cancel,
                tasks: TaskTracker::new(),
                most_effects: options.most_effects,
                secrets: options.secrets,
                hand_over: options.hand_over,
                abandon: CancellationToken::new(),
            }),
        }
    }

    /// Answers one capability call: from the record, by performing it, or with its preview.
    pub async fn call<E: Effect<World = W>>(&self, effect: E) -> Result<Answered<E::Answer>, CallError> {
        let call = Call {
            position: self.next_position()?,
            function: E::FUNCTION.into(),
            policy: effect.policy(),
            arguments: to_value(E::FUNCTION, &effect)?,
        };
        let found = self.recorded(&call)?;
        match (&self.inner.mode, found) {
            (_, Found::Answer(answer)) => decode(E::FUNCTION, answer),
            (Mode::Perform(appender, world), found) => {
                self.perform_call(appender.clone(), world.clone(), effect, call, found).await
            }
            (Mode::Plan(log, world), Found::Nothing) => self.plan_call(log, world.clone(), effect, call).await,
            (Mode::Replay, Found::Nothing) => Err(self.diverge(Divergence::Longer { asked: Box::new(call) })),
            (Mode::Plan(..) | Mode::Replay, Found::Open { .. }) => {
                Err(self.diverge(Divergence::Unanswered { recorded: Box::new(call) }))
            }
        }
    }

    /// Checks that the guest asked for everything that is recorded; call it when the guest has ended.
    pub fn finish(&self) -> Result<(), Divergence> {
        let cursor = self.cursor();
        match &cursor.divergence {
            Some(divergence) => Err(divergence.clone()),
            None => cursor.recorded.finish(),
        }
    }

    /// Waits until every effect that was started is recorded, whether or not its guest still lives.
    pub async fn settle(&self) {
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }

    /// Like [`settle`](Self::settle), for a guest that is gone: an effect that does not end within `patience` is left
    /// without an answer, and its function is answered.
    pub async fn settle_within(&self, patience: Duration) -> Option<&'static str> {
        self.inner.tasks.close();
        if tokio::time::timeout(patience, self.inner.tasks.wait()).await.is_ok() {
            return None;
        }
        self.inner.abandon.cancel();
        self.inner.tasks.wait().await;
        self.cursor().under_way
    }

    /// The stage run it belongs to.
    pub fn run(&self) -> StageRunId {
        self.inner.run
    }

    /// The guest's clock.
    pub fn clock(&self) -> &Arc<Clock> {
        &self.inner.clock
    }

    /// The versions of secrets that the deployment pinned.
    pub fn secrets(&self) -> &SecretVersions {
        &self.inner.secrets
    }

    /// Told when the deployment is canceled.
    pub fn cancel(&self) -> &CancellationToken {
        &self.inner.cancel
    }

    fn next_position(&self) -> Result<u64, CallError> {
        let mut cursor = self.cursor();
        if let Some(divergence) = &cursor.divergence {
            return Err(divergence.clone().into());
        }
        let position = cursor.position;
        if position >= self.inner.most_effects {
            return Err(CallError::TooManyEffects { most: self.inner.most_effects });
        }
        cursor.position += 1;
        Ok(position)
    }

    fn recorded(&self, call: &Call) -> Result<Found, CallError> {
        let next = self.cursor().recorded.next(call);
        match next {
            Ok(None) => Ok(Found::Nothing),
            Ok(Some(RecordedEffect { answer: Some((answer, at)), .. })) => {
                self.inner.clock.answered(at);
                Ok(Found::Answer(answer))
            }
            Ok(Some(RecordedEffect { resolution, retries, .. })) => Ok(Found::Open { resolution, retries }),
            Err(divergence) => Err(self.diverge(divergence)),
        }
    }

    /// Remembers the first divergence: every later call meets it too.
    fn diverge(&self, divergence: Divergence) -> CallError {
        self.cursor().divergence.get_or_insert(divergence).clone().into()
    }

    fn cursor(&self) -> MutexGuard<'_, Cursor> {
        self.inner.cursor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W> Inner<W> {
    fn under_way(&self, function: &'static str) {
        self.cursor.lock().unwrap_or_else(PoisonError::into_inner).under_way = Some(function);
    }
}

/// What is recorded of a call.
enum Found {
    Nothing,
    Answer(EffectAnswer),
    /// It was started and has no answer.
    Open {
        resolution: Option<Resolution>,
        retries: u32,
    },
}

impl Found {
    /// The idempotency key to perform it with. What a person has performed anew is another effect to its target,
    /// which may still know the first.
    fn key(&self, run: StageRunId, position: u64) -> Uuid {
        let key = idempotency_key(run, position);
        match self {
            Self::Open { retries, .. } if *retries > 0 => Uuid::new_v5(&key, &retries.to_be_bytes()),
            _ => key,
        }
    }
}

/// What a journal is made with.
pub struct JournalOptions {
    /// What the stage run has recorded before.
    pub recorded: Recorded,
    pub cancel: CancellationToken,
    /// Capability calls a stage run may make.
    pub most_effects: u64,
    /// The versions of secrets that the deployment pinned: arguments name them.
    pub secrets: Arc<SecretVersions>,
    /// Told when this process lets go of the deployment.
    pub hand_over: CancellationToken,
}

/// The idempotency key of an effect: the same on every repeat.
pub fn idempotency_key(run: StageRunId, position: u64) -> Uuid {
    Uuid::new_v5(&run.0, &position.to_be_bytes())
}

fn to_value(function: &'static str, value: &impl Serialize) -> Result<serde_json::Value, CallError> {
    serde_json::to_value(value).map_err(|error| CallError::Broken { function, reason: error.to_string() })
}

fn decode<A: DeserializeOwned>(function: &'static str, answer: EffectAnswer) -> Result<Answered<A>, CallError> {
    match answer {
        EffectAnswer::Err(failure) => Ok(Err(failure)),
        EffectAnswer::Ok(value) => serde_json::from_value(value)
            .map(Ok)
            .map_err(|error| CallError::Answer { function, reason: error.to_string() }),
    }
}

/// The answer of every call made after the deployment was canceled.
pub(crate) fn canceled() -> Failure {
    Failure::new(ErrorKind::Canceled, "canceled", "the deployment was canceled")
}

#[cfg(test)]
mod tests;
