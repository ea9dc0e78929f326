//! `windlass:state`: small values that outlive a deployment.

use super::{Capabilities, World, wit::windlass::state::state as wit, wit::windlass::types::types::Error};
use crate::journal::{Answered, Effect, Performance, Performed, Preview};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use windlass_api_types::{ErrorKind, Failure, RepeatPolicy};

mod view;

pub use view::StateView;

/// A key is a name, not data.
const LONGEST_KEY: usize = 256;
/// A value is a note, not a file.
const LARGEST_VALUE: usize = 64 * 1024;

/// A value and its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    value: String,
    version: u64,
}

#[derive(Serialize)]
struct Get {
    key: String,
}

impl Effect for Get {
    const FUNCTION: &'static str = "state.get";
    type World = World;
    type Answer = Option<Entry>;

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Read
    }

    fn summary(&self) -> String {
        format!("read the state `{}`", self.key)
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        check_key(&self.key)
    }

    fn preview(&self, _: bool) -> Preview<Option<Entry>> {
        Preview::Perform
    }

    async fn perform(self, world: Arc<World>, _: Performance) -> Answered<Performed<Option<Entry>>> {
        Ok(world.state.get(&self.key).await?.into())
    }
}

#[derive(Serialize)]
struct Set {
    key: String,
    /// Absent: the key is removed.
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<u64>,
}

impl Effect for Set {
    const FUNCTION: &'static str = "state.set";
    type World = World;
    type Answer = u64;

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Idempotent
    }

    fn summary(&self) -> String {
        match self.value {
            Some(_) => format!("write the state `{}`", self.key),
            None => format!("remove the state `{}`", self.key),
        }
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        check_key(&self.key)?;
        match self.value.as_ref().map_or(0, String::len) {
            0..=LARGEST_VALUE => Ok(()),
            size => Err(invalid(format!("a state value of {size} bytes; at most 64 KiB"))),
        }
    }

    fn preview(&self, _: bool) -> Preview<u64> {
        Preview::Overlay
    }

    async fn perform(self, world: Arc<World>, _: Performance) -> Answered<Performed<u64>> {
        let (version, write) = world.state.set(self.key, self.value, self.expected).await?;
        Ok(Performed { answer: version, write: Some(write) })
    }
}

impl wit::Host for Capabilities {
    async fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<wit::Entry>, Error>> {
        let answer = self.answer(Get { key }).await?;
        Ok(answer.map(|entry| entry.map(|entry| wit::Entry { value: entry.value, version: entry.version })))
    }

    async fn set(&mut self, key: String, value: String, expected: Option<u64>) -> wasmtime::Result<Result<u64, Error>> {
        self.answer(Set { key, value: Some(value), expected }).await
    }

    async fn delete(&mut self, key: String, expected: Option<u64>) -> wasmtime::Result<Result<(), Error>> {
        Ok(self.answer(Set { key, value: None, expected }).await?.map(drop))
    }
}

fn check_key(key: &str) -> Result<(), Failure> {
    match key.len() {
        1..=LONGEST_KEY => Ok(()),
        length => Err(invalid(format!("a state key of {length} bytes; 1 to 256 are allowed"))),
    }
}

fn invalid(message: String) -> Failure {
    Failure::new(ErrorKind::InvalidInput, "bad-state", message)
}
