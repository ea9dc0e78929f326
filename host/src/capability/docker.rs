//! `windlass:docker`: the Docker engine of a target.

use super::ssh_exec::ssh_failure;
use super::{Capabilities, Journal, World, segment};
use crate::docker::{Engine, EngineError};
use crate::journal::{Answered, Effect, Performance, Performed, Preview, canceled};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;
use windlass_api_types::{Failure, RepeatPolicy};

mod build;
mod container;
mod contract;
mod image;
mod inside;
mod name;
mod network;
pub(super) mod privilege;
mod spec;

/// A call of a target's engine; [`OnEngine`] makes an effect of it.
trait EngineCall: Serialize + Send + Sync + 'static {
    const FUNCTION: &'static str;
    type Answer: Serialize + DeserializeOwned + Send + 'static;

    fn target(&self) -> &str;

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Idempotent
    }

    /// What is done, after the target's name.
    fn summary(&self) -> String;

    /// Whether it is well-formed and granted, beside its target.
    fn check(&self, world: &World) -> Result<(), Failure>;

    /// The answer where it is only listed. None: it only reads, and is performed.
    fn assumed(&self) -> Option<Self::Answer>;

    /// Does it.
    fn perform(
        self,
        engine: Engine,
        world: Arc<World>,
        performance: Performance,
    ) -> impl Future<Output = Result<Self::Answer, EngineError>> + Send;
}

/// The effect of a call.
#[derive(Serialize)]
#[serde(transparent)]
struct OnEngine<C>(C);

impl<C: EngineCall> Effect for OnEngine<C> {
    const FUNCTION: &'static str = C::FUNCTION;
    type World = World;
    type Answer = C::Answer;

    fn policy(&self) -> RepeatPolicy {
        self.0.policy()
    }

    fn summary(&self) -> String {
        format!("{}: {}", self.0.target(), self.0.summary())
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        world.target(self.0.target())?;
        self.0.check(world)
    }

    fn preview(&self, _: bool) -> Preview<C::Answer> {
        self.0.assumed().map_or(Preview::Perform, Preview::Invent)
    }

    async fn perform(self, world: Arc<World>, performance: Performance) -> Answered<Performed<C::Answer>> {
        let cancel = performance.cancel.clone();
        let performing = async {
            let connection = world.ssh.connect(world.target(self.0.target())?).await.map_err(ssh_failure)?;
            let engine = Engine::connect(connection, &performance.cancel).await.map_err(engine_failure)?;
            self.0.perform(engine, world.clone(), performance).await.map_err(engine_failure)
        };
        // An engine goes on with what it was asked, and forgets who asked: nothing is left to wait for.
        tokio::select! {
            answer = performing => answer.map(Performed::from),
            () = cancel.cancelled() => Err(canceled()),
        }
    }
}

/// A failure of an engine, as an answer.
fn engine_failure(error: EngineError) -> Failure {
    match error {
        EngineError::Ssh(error) => ssh_failure(error),
        EngineError::Engine(failure) => failure,
    }
}
