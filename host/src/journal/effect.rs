//! An effect: one capability call as a value, with how it may be repeated and what a plan makes of it.

use super::Tee;
use crate::event::Fence;
use crate::store::StateWrite;
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use windlass_api_types::{Failure, RepeatPolicy};

/// What the guest gets.
pub type Answered<A> = Result<A, Failure>;

/// A typed capability call. Its serialized form is what the journal stores and compares.
pub trait Effect: Serialize + Send + Sync + 'static {
    /// Interface and function, such as `ssh-exec.exec`.
    const FUNCTION: &'static str;
    /// What it needs to be performed: connections, grants.
    type World: Send + Sync + 'static;
    type Answer: Serialize + DeserializeOwned + Send + 'static;

    /// How it may be repeated when its outcome is unknown.
    fn policy(&self) -> RepeatPolicy;

    /// One line for people.
    fn summary(&self) -> String;

    /// Whether it is granted and well-formed; a refusal is an ordinary recorded answer.
    fn check(&self, _world: &Self::World) -> Result<(), Failure> {
        Ok(())
    }

    /// What it waits for, where only a person can give its answer and has not: its guest is stopped meanwhile.
    fn awaits(&self, _performance: &Performance) -> Option<String> {
        None
    }

    /// What a plan does with it. `simulated` says that an earlier answer was invented.
    fn preview(&self, simulated: bool) -> Preview<Self::Answer>;

    /// What is left to do once its answer is recorded: to have taken away what a repeat would have needed.
    fn clean_up(&self, _world: &Arc<Self::World>, _key: Uuid) -> Option<CleanUp> {
        None
    }

    /// Does it.
    fn perform(
        self,
        world: Arc<Self::World>,
        performance: Performance,
    ) -> impl Future<Output = Answered<Performed<Self::Answer>>> + Send;
}

/// What an effect leaves to do. It waits for nothing.
pub type CleanUp = Box<dyn FnOnce() + Send>;

/// What performing gave.
pub struct Performed<A> {
    pub answer: A,
    /// A change to the plugin's state, applied in the transaction of the effect's completion.
    pub write: Option<StateWrite>,
}

impl<A> From<A> for Performed<A> {
    fn from(answer: A) -> Self {
        Self { answer, write: None }
    }
}

/// What a plan does with an effect.
pub enum Preview<A> {
    /// It only reads: it is performed.
    Perform,
    /// It changes what only the plan sees: it is performed there, and its answer is true.
    Overlay,
    /// It is only listed, and this is its answer.
    Invent(A),
}

/// What an effect has while it is performed.
pub struct Performance {
    /// The same on every repeat of this effect.
    pub key: Uuid,
    pub cancel: CancellationToken,
    /// Where its output goes.
    pub tee: Tee,
    /// Whose effect it is: what it starts must not start any more once a later owner has come. None in a plan.
    pub fence: Option<Fence>,
    /// Whether an earlier process may have performed it already.
    pub again: bool,
}
