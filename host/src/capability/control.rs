//! `windlass:control`: waiting, and the checkpoint.

use super::{Capabilities, World, wit::windlass::control::control as wit, wit::windlass::types::types::Error};
use crate::journal::{Answered, Effect, Performance, Performed, Preview, canceled};
use serde::Serialize;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use windlass_api_types::{ErrorKind, Failure, RepeatPolicy, event::CHECKPOINT};

/// A stage that waits longer is not a deployment.
const LONGEST_SLEEP: Duration = Duration::from_secs(24 * 60 * 60);
/// A checkpoint is a note to the stage's undo, not a place for data.
const LARGEST_CHECKPOINT: usize = 64 * 1024;

#[derive(Serialize)]
struct Sleep {
    ms: u64,
}

impl Effect for Sleep {
    const FUNCTION: &'static str = "control.sleep";
    type World = World;
    type Answer = ();

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Idempotent
    }

    fn summary(&self) -> String {
        format!("wait {:?}", Duration::from_millis(self.ms))
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        match Duration::from_millis(self.ms) <= LONGEST_SLEEP {
            true => Ok(()),
            false => Err(Failure::new(ErrorKind::InvalidInput, "sleep-too-long", "a sleep of more than 24 hours")),
        }
    }

    fn preview(&self, _: bool) -> Preview<()> {
        Preview::Invent(())
    }

    async fn perform(self, _: Arc<World>, performance: Performance) -> Answered<Performed<()>> {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(self.ms)) => Ok(().into()),
            () = performance.cancel.cancelled() => Err(canceled()),
        }
    }
}

#[derive(Serialize)]
struct Checkpoint {
    json: Value,
}

impl Effect for Checkpoint {
    const FUNCTION: &'static str = CHECKPOINT;
    type World = World;
    type Answer = ();

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Idempotent
    }

    fn summary(&self) -> String {
        format!("checkpoint {}", self.json)
    }

    fn preview(&self, _: bool) -> Preview<()> {
        Preview::Overlay
    }

    // The fold of the deployment's events is where a checkpoint is kept: nothing more to do.
    async fn perform(self, _: Arc<World>, _: Performance) -> Answered<Performed<()>> {
        Ok(().into())
    }
}

impl wit::Host for Capabilities {
    async fn sleep(&mut self, ms: u64) -> wasmtime::Result<Result<(), Error>> {
        self.answer(Sleep { ms }).await
    }

    async fn checkpoint(&mut self, json: String) -> wasmtime::Result<Result<(), Error>> {
        if json.len() > LARGEST_CHECKPOINT {
            return Ok(Err(invalid(format!("a checkpoint of {} bytes; at most 64 KiB", json.len())).into()));
        }
        match serde_json::from_str(&json) {
            Ok(json) => self.answer(Checkpoint { json }).await,
            Err(error) => Ok(Err(invalid(format!("the checkpoint is not JSON: {error}")).into())),
        }
    }
}

fn invalid(message: String) -> Failure {
    Failure::new(ErrorKind::InvalidInput, "bad-checkpoint", message)
}

impl Capabilities {
    /// Passes an effect through the journal and turns its answer into the contract's types.
    pub(super) async fn answer<E>(&self, effect: E) -> wasmtime::Result<Result<E::Answer, Error>>
    where
        E: Effect<World = World>,
    {
        let answer = self.journal.call(effect).await.map_err(wasmtime::Error::new)?;
        Ok(answer.map_err(Error::from))
    }
}
