//! `windlass:approval`: questions to people.

use super::wit::windlass::approval::approval as wit;
use super::{Capabilities, World, wit::windlass::types::types::Error};
use crate::journal::{Answered, Effect, Performance, Performed, Preview};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use windlass_api_types::approval::{Approval, Decided, WAIT};
use windlass_api_types::{Decision, ErrorKind, Failure, RepeatPolicy};

/// A key is a part of a longer one.
const LONGEST_KEY: usize = 63;
/// A question is read by a person.
const LONGEST_PROMPT: usize = 2_000;
/// Nobody can answer faster …
const SHORTEST: Duration = Duration::from_secs(1);
/// … and a deployment that waits for longer is forgotten.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

#[derive(Serialize)]
struct Open {
    key: String,
    prompt: String,
    expires_ms: u64,
}

impl Effect for Open {
    const FUNCTION: &'static str = "approval.open";
    type World = World;
    /// The link.
    type Answer = String;

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Idempotent
    }

    fn summary(&self) -> String {
        format!("ask: {}", self.prompt.lines().next().unwrap_or_default())
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        check_key(&self.key)?;
        if !(1..=LONGEST_PROMPT).contains(&self.prompt.trim().len()) {
            return Err(invalid(format!("a prompt of {} bytes; 1 to 2,000 are allowed", self.prompt.trim().len())));
        }
        let open = Duration::from_millis(self.expires_ms);
        match (SHORTEST..=LONGEST).contains(&open) {
            true => Ok(()),
            false => Err(invalid(format!("a question that is open for {open:?}; 1 second to 30 days are allowed"))),
        }
    }

    fn preview(&self, _: bool) -> Preview<String> {
        Preview::Invent(String::new())
    }

    async fn perform(self, world: Arc<World>, performance: Performance) -> Answered<Performed<String>> {
        performance.tee.ask(&self.key, &self.prompt, Duration::from_millis(self.expires_ms)).await;
        let command = || format!("windlass approve {}", world.deployment);
        Ok(world.deployment_url.clone().unwrap_or_else(command).into())
    }
}

#[derive(Serialize)]
struct Wait {
    key: String,
}

/// As the journal stores it.
#[derive(Serialize, Deserialize)]
struct Answer {
    decision: Decision,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

impl Effect for Wait {
    const FUNCTION: &'static str = WAIT;
    type World = World;
    type Answer = Answer;

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Read
    }

    fn summary(&self) -> String {
        format!("wait for the decision on {}", self.key)
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        check_key(&self.key)
    }

    fn preview(&self, _: bool) -> Preview<Answer> {
        Preview::Invent(Answer { decision: Decision::Approved, by: None })
    }

    fn awaits(&self, performance: &Performance) -> Option<String> {
        performance.tee.question(&self.key).filter(Approval::is_open).map(|approval| approval.prompt)
    }

    async fn perform(self, _: Arc<World>, performance: Performance) -> Answered<Performed<Answer>> {
        match performance.tee.question(&self.key).and_then(|approval| approval.decided) {
            Some(Decided { decision, by, .. }) => Ok(Answer { decision, by }.into()),
            None => Err(Failure::new(
                ErrorKind::NotFound,
                "not-asked",
                format!("nothing was asked under the key `{}`", self.key),
            )
            .hint("open the question before waiting for it")),
        }
    }
}

fn check_key(key: &str) -> Result<(), Failure> {
    match key.len() {
        1..=LONGEST_KEY => Ok(()),
        length => Err(invalid(format!("an approval's key of {length} bytes; 1 to 63 are allowed"))),
    }
}

fn invalid(message: String) -> Failure {
    Failure::new(ErrorKind::InvalidInput, "bad-approval", message)
}

impl wit::Host for Capabilities {
    async fn open(&mut self, key: String, prompt: String, expires_ms: u64) -> wasmtime::Result<Result<String, Error>> {
        self.answer(Open { key, prompt, expires_ms }).await
    }

    async fn wait(&mut self, key: String) -> wasmtime::Result<Result<wit::Decision, Error>> {
        let answer = self.answer(Wait { key }).await?;
        Ok(answer.map(|Answer { decision, by }| wit::Decision {
            outcome: match decision {
                Decision::Approved => wit::Outcome::Approved,
                Decision::Rejected => wit::Outcome::Rejected,
                Decision::Expired => wit::Outcome::Expired,
            },
            by,
        }))
    }
}

#[cfg(test)]
mod tests;
