//! `windlass:ssh`: commands on a target.

use super::segment::{self, Segment};
use super::wit::windlass::{
    ssh::ssh_exec as wit,
    types::types::{Error, Segment as Wire},
};
use super::{Capabilities, World, bytes::Bytes};
use crate::journal::{Answered, CleanUp, Effect, Performance, Performed, Preview};
use crate::ssh::{self, ExecRequest};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;
use windlass_api_types::{ErrorKind, Failure, Level, RepeatPolicy};

pub(super) mod output;

use output::{Collector, from_wit};

/// The most an answer carries of each stream: it stands in the journal.
const LARGEST_CAPTURE: u32 = 1024 * 1024;

/// A command on a target, as the journal stores it.
#[derive(Serialize)]
struct Exec {
    target: String,
    command: Command,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    env: Vec<(String, Vec<Segment>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cwd: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stdin: Vec<Segment>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sudo: bool,
    /// Always a secret: what `sudo` is given where it asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    sudo_password: Option<Segment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tee: Option<Level>,
    capture_bytes: u32,
    repeat: Repeat,
    #[serde(skip_serializing_if = "Option::is_none")]
    assume: Option<Output>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Command {
    Argv(Vec<String>),
    Script(String),
}

#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Repeat {
    Reattachable,
    Idempotent,
    Reads,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Exit {
    Status(u32),
    Signal(String),
}

/// How a command ended and what it wrote last.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Output {
    exit: Exit,
    stdout: Bytes,
    stderr: Bytes,
    #[serde(default)]
    stdout_dropped: u64,
    #[serde(default)]
    stderr_dropped: u64,
}

impl Effect for Exec {
    const FUNCTION: &'static str = "ssh-exec.exec";
    type World = World;
    type Answer = Output;

    fn policy(&self) -> RepeatPolicy {
        match self.repeat {
            Repeat::Reattachable => RepeatPolicy::Reattachable,
            Repeat::Idempotent => RepeatPolicy::Idempotent,
            Repeat::Reads => RepeatPolicy::Read,
        }
    }

    fn summary(&self) -> String {
        let sudo = if self.sudo { "sudo " } else { "" };
        match &self.command {
            Command::Argv(argv) => format!("{}: {sudo}{}", self.target, argv.join(" ")),
            Command::Script(script) => format!("{}: {sudo}{}", self.target, first_line(script)),
        }
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        world.target(&self.target)?;
        if self.capture_bytes > LARGEST_CAPTURE {
            return Err(Failure::new(ErrorKind::InvalidInput, "capture-too-large", "capture_bytes is more than 1 MiB"));
        }
        segment::check(&self.stdin, world)?;
        segment::check(self.sudo_password.as_slice(), world)?;
        self.env.iter().try_for_each(|(_, value)| segment::check(value, world))
    }

    fn preview(&self, simulated: bool) -> Preview<Output> {
        match &self.assume {
            Some(assumed) if simulated || self.repeat != Repeat::Reads => Preview::Invent(assumed.clone()),
            _ if self.repeat == Repeat::Reads => Preview::Perform,
            _ => Preview::Invent(Output::silent_success()),
        }
    }

    // A wrapped command leaves its output and status on the target, for a repeat to find.
    fn clean_up(&self, world: &Arc<World>, key: Uuid) -> Option<CleanUp> {
        let address = world.target(&self.target).ok().filter(|_| self.repeat == Repeat::Reattachable)?.clone();
        let (ssh, sudo) = (world.ssh.clone(), self.sudo(world).ok()?);
        Some(Box::new(move || ssh.forget(&address, key, sudo)))
    }

    async fn perform(self, world: Arc<World>, performance: Performance) -> Answered<Performed<Output>> {
        let address = world.target(&self.target)?;
        let request = self.request(&world, &performance)?;
        let mut output = Collector::new(performance.tee, &world.masker, self.tee, self.capture_bytes as usize);
        let connection = world.ssh.connect(address).await.map_err(ssh_failure)?;
        let end = connection.exec(&request, &mut output, &performance.cancel).await;
        let (stdout, stderr) = output.finish().await;
        let exit = match end.map_err(ssh_failure)?.exit {
            ssh::Exit::Status(status) => Exit::Status(status),
            ssh::Exit::Signal(signal) => Exit::Signal(signal),
        };
        Ok(Output {
            exit,
            stdout: Bytes(stdout.bytes),
            stderr: Bytes(stderr.bytes),
            stdout_dropped: stdout.dropped,
            stderr_dropped: stderr.dropped,
        }
        .into())
    }
}

impl Exec {
    fn sudo(&self, world: &World) -> Result<ssh::Sudo, Failure> {
        match &self.sudo_password {
            None => Ok(ssh::Sudo::without_password(self.sudo)),
            Some(password) => Ok(ssh::Sudo::WithPassword(segment::resolve(std::slice::from_ref(password), world)?)),
        }
    }

    fn request(&self, world: &World, performance: &Performance) -> Result<ExecRequest, Failure> {
        let command = match &self.command {
            Command::Argv(argv) => ssh::Command::Argv(argv.clone()),
            Command::Script(script) => ssh::Command::Script(script.clone()),
        };
        let repeat = match self.repeat {
            Repeat::Reattachable => ssh::Repeat::Reattachable { key: performance.key },
            Repeat::Idempotent => ssh::Repeat::Idempotent,
            Repeat::Reads => ssh::Repeat::Reads,
        };
        let env = self.env.iter().map(|(name, value)| Ok((name.clone(), segment::resolve(value, world)?)));
        Ok(ExecRequest {
            env: env.collect::<Result<_, Failure>>()?,
            cwd: self.cwd.clone(),
            stdin: segment::resolve(&self.stdin, world)?.into_bytes(),
            sudo: self.sudo(world)?,
            timeout: self.timeout_ms.map(Duration::from_millis),
            fence: performance.fence.map(|fence| ssh::Fence { deployment: fence.deployment.0, epoch: fence.epoch }),
            ..ExecRequest::new(command, repeat)
        })
    }
}

impl Output {
    fn silent_success() -> Self {
        Self {
            exit: Exit::Status(0),
            stdout: Bytes::default(),
            stderr: Bytes::default(),
            stdout_dropped: 0,
            stderr_dropped: 0,
        }
    }
}

impl wit::Host for Capabilities {
    async fn exec(&mut self, request: wit::Request) -> wasmtime::Result<Result<wit::Output, Error>> {
        let answer = self.answer(from_wit(request, &self.journal)).await?;
        Ok(answer.map(wit::Output::from))
    }

    async fn exec_with_password(
        &mut self,
        request: wit::Request,
        secret: String,
    ) -> wasmtime::Result<Result<wit::Output, Error>> {
        let password = segment::list(vec![Wire::Secret(secret)], &self.journal).pop();
        let exec = Exec { sudo: true, sudo_password: password, ..from_wit(request, &self.journal) };
        Ok(self.answer(exec).await?.map(wit::Output::from))
    }
}

/// A failure of the transport, as an answer.
pub fn ssh_failure(error: ssh::SshError) -> Failure {
    use ssh::SshErrorKind as Kind;
    let kind = match error.kind() {
        Kind::InvalidInput => ErrorKind::InvalidInput,
        Kind::Denied => ErrorKind::Denied,
        Kind::NotFound => ErrorKind::NotFound,
        Kind::Unreachable => ErrorKind::Unreachable,
        Kind::Timeout => ErrorKind::Timeout,
        Kind::Canceled => ErrorKind::Canceled,
        Kind::Failed => ErrorKind::Failed,
        Kind::OutcomeUnknown => ErrorKind::OutcomeUnknown,
    };
    Failure {
        kind,
        code: error.code().into(),
        message: error.to_string(),
        hint: error.hint(),
        retryable: error.retryable(),
    }
}

/// Enough of a script to tell it from others: its first line where that is a comment, else what it begins with.
pub(super) fn first_line(script: &str) -> String {
    if let Some(title) = script.lines().next().and_then(|line| line.strip_prefix("# ")) {
        return title.trim_matches('`').chars().take(120).collect();
    }
    let mut lines = script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first: String = lines.next().unwrap_or_default().chars().take(120).collect();
    if lines.next().is_some() { format!("{first} …") } else { first }
}
