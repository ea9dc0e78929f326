//! What containers write, and commands that run in them.

use super::segment::{self, Segment};
use super::{Engine, EngineCall, EngineError, name};
use crate::capability::World;
use crate::capability::bytes::Bytes;
use crate::capability::ssh_exec::output::Collector;
use crate::docker::{Command, LogLine};
use crate::journal::Performance;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use windlass_api_types::{ErrorKind, Failure, Level, RepeatPolicy};

/// The longest that a log is followed.
const LONGEST_FOLLOW: u32 = 60_000;
/// The most an answer carries of each stream: it stands in the journal.
const LARGEST_CAPTURE: u32 = 1024 * 1024;

#[derive(Serialize)]
pub(super) struct Logs {
    pub(super) target: String,
    pub(super) container: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tail: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<u32>,
    pub(super) follow_ms: u32,
}

impl EngineCall for Logs {
    const FUNCTION: &'static str = "docker.logs";
    type Answer = Vec<LogLine>;

    fn target(&self) -> &str {
        &self.target
    }

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Read
    }

    fn summary(&self) -> String {
        format!("read the log of the container {}", self.container)
    }

    fn check(&self, _: &World) -> Result<(), Failure> {
        if self.follow_ms > LONGEST_FOLLOW {
            let message = "a log is followed for at most 60,000 ms";
            return Err(
                Failure::new(ErrorKind::InvalidInput, "follow-too-long", message).hint("read it again with `since`")
            );
        }
        name::object(&self.container)
    }

    fn assumed(&self) -> Option<Vec<LogLine>> {
        None
    }

    async fn perform(self, engine: Engine, _: Arc<World>, _: Performance) -> Result<Vec<LogLine>, EngineError> {
        let follow = Duration::from_millis(self.follow_ms.into());
        engine.logs(&self.container, self.tail, self.since, follow).await
    }
}

#[derive(Serialize)]
pub(super) struct Exec {
    pub(super) target: String,
    pub(super) container: String,
    pub(super) argv: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) env: Vec<(String, Vec<Segment>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cwd: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tee: Option<Level>,
    pub(super) capture_bytes: u32,
    pub(super) repeat: Repeat,
}

#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Repeat {
    Once,
    Idempotent,
    Reads,
}

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Output {
    pub(super) status: u32,
    pub(super) stdout: Bytes,
    pub(super) stderr: Bytes,
}

impl EngineCall for Exec {
    const FUNCTION: &'static str = "docker.exec";
    type Answer = Output;

    fn target(&self) -> &str {
        &self.target
    }

    fn policy(&self) -> RepeatPolicy {
        match self.repeat {
            Repeat::Once => RepeatPolicy::Once,
            Repeat::Idempotent => RepeatPolicy::Idempotent,
            Repeat::Reads => RepeatPolicy::Read,
        }
    }

    fn summary(&self) -> String {
        format!("in the container {}: {}", self.container, self.argv.join(" "))
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        name::object(&self.container)?;
        let wrong = |code, message: &str| Err(Failure::new(ErrorKind::InvalidInput, code, message));
        if self.argv.is_empty() {
            return wrong("no-command", "a command needs a program: `argv` is empty");
        }
        if self.capture_bytes > LARGEST_CAPTURE {
            return wrong("capture-too-large", "capture_bytes is more than 1 MiB");
        }
        self.env.iter().try_for_each(|(_, value)| segment::check(value, world))
    }

    fn assumed(&self) -> Option<Output> {
        (self.repeat != Repeat::Reads).then(Output::default)
    }

    async fn perform(self, engine: Engine, world: Arc<World>, work: Performance) -> Result<Output, EngineError> {
        let env = self.env.iter().map(|(name, value)| Ok(format!("{name}={}", segment::resolve(value, &world)?)));
        let command = Command {
            env: env.collect::<Result<_, Failure>>()?,
            container: self.container,
            argv: self.argv,
            user: self.user,
            cwd: self.cwd,
            timeout: self.timeout_ms.map(Duration::from_millis),
        };
        let mut output = Collector::new(work.tee, &world.masker, self.tee, self.capture_bytes as usize);
        let status = engine.run(command, &mut output).await;
        let (stdout, stderr) = output.finish().await;
        Ok(Output { status: status?, stdout: Bytes(stdout.bytes), stderr: Bytes(stderr.bytes) })
    }
}
