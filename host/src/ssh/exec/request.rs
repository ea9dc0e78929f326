//! A request to run a command, and how a command can end.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use uuid::Uuid;

use crate::ssh::command::{self, Command};
use crate::ssh::error::SshError;
use crate::ssh::session::Input;
use crate::ssh::sudo::Sudo;

/// How a command may be repeated when its outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It starts once per key and outlives its connection; the same key finds it again.
    Reattachable { key: Uuid },
    /// Running it again does no harm.
    Idempotent,
    /// It only reads.
    Reads,
}

/// Whose command it is. What is late, because its server was frozen or its connection stood still, starts nothing
/// once a server with a higher epoch has started or looked at a command of the same deployment there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence {
    pub deployment: Uuid,
    /// Counts the owners of the deployment from 1.
    pub epoch: u64,
}

/// A command and all that belongs to it.
#[derive(Clone)]
pub struct ExecRequest {
    pub command: Command,
    /// Names and values. Values may be secret: they are in no process list and in no message.
    pub env: Vec<(String, String)>,
    /// Absent: the home directory of the connection's user.
    pub cwd: Option<String>,
    /// May be secret, as the values of `env`.
    pub stdin: Vec<u8>,
    pub sudo: Sudo,
    /// Then the command is ended: TERM to its process group, KILL 5 s later.
    pub timeout: Option<Duration>,
    pub repeat: Repeat,
    /// For a reattachable command; the others are run again anyway.
    pub fence: Option<Fence>,
    /// Whether it may have been started before: canceled, it is then to be ended first.
    pub again: bool,
}

impl ExecRequest {
    pub fn new(command: Command, repeat: Repeat) -> Self {
        Self {
            command,
            env: Vec::new(),
            cwd: None,
            stdin: Vec::new(),
            sudo: Sudo::No,
            timeout: None,
            repeat,
            fence: None,
            again: false,
        }
    }

    pub(in crate::ssh) fn validate(&self, target: &str) -> Result<(), SshError> {
        let invalid =
            |reason: &str| Err(SshError::InvalidRequest { target: target.to_owned(), reason: reason.to_owned() });
        let words: &[String] = match &self.command {
            Command::Argv(argv) if argv.first().is_none_or(String::is_empty) => {
                return invalid("the command is empty");
            }
            Command::Argv(argv) => argv,
            Command::Script(script) => std::slice::from_ref(script),
        };
        let texts = words.iter().chain(&self.cwd).chain(self.env.iter().map(|(_, value)| value));
        if texts.into_iter().any(|text| text.contains('\0')) {
            return invalid("a command, its directory and its environment cannot contain NUL");
        }
        // More than a line would be read as a password and more input.
        if matches!(&self.sudo, Sudo::WithPassword(password) if password.contains(['\n', '\r', '\0'])) {
            return invalid("a password of sudo is one line");
        }
        if let Some((name, _)) = self.env.iter().find(|(name, _)| !is_variable_name(name)) {
            return invalid(&format!("{name:?} is no name for an environment variable"));
        }
        Ok(())
    }

    /// The environment, then the command's own input.
    pub(in crate::ssh) fn input(&self) -> Input {
        let environment = self.environment();
        let stdin = std::io::Cursor::new(self.stdin.clone());
        Box::new(std::io::Cursor::new(environment.into_bytes()).chain(stdin))
    }

    fn environment(&self) -> String {
        command::environment(self.env.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }
}

fn is_variable_name(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
}

impl std::fmt::Debug for ExecRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.env.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("ExecRequest")
            .field("command", &self.command)
            .field("env", &names)
            .field("cwd", &self.cwd)
            .field("stdin", &format_args!("{} bytes", self.stdin.len()))
            .field("sudo", &self.sudo)
            .field("timeout", &self.timeout)
            .field("repeat", &self.repeat)
            .field("fence", &self.fence)
            .finish()
    }
}

/// How a command ended by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    Status(u32),
    /// The signal that ended it, without `SIG`.
    Signal(String),
}

impl Exit {
    /// What a shell's status tells: 128 and the number for the signals that end commands in practice.
    /// HUP is not among them, because programs use 129 themselves (`git`).
    pub(in crate::ssh) fn from_shell(status: u32) -> Self {
        let signal = match status.wrapping_sub(128) {
            2 => "INT",
            3 => "QUIT",
            4 => "ILL",
            6 => "ABRT",
            7 => "BUS",
            8 => "FPE",
            9 => "KILL",
            11 => "SEGV",
            13 => "PIPE",
            14 => "ALRM",
            15 => "TERM",
            _ => return Self::Status(status),
        };
        Self::Signal(signal.to_owned())
    }

    pub fn success(&self) -> bool {
        *self == Self::Status(0)
    }
}

/// The end of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecEnd {
    pub exit: Exit,
    /// It had been started by an earlier request with the same key, or its connection was lost and it
    /// was found again.
    pub found_again: bool,
}
