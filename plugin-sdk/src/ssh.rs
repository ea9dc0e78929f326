//! Commands on a target, over its SSH connection.
//!
//! ```no_run
//! # fn main() -> windlass_sdk::Result<()> {
//! use std::time::Duration;
//! use windlass_sdk::{log::Level, ssh};
//!
//! let output = ssh::command("web-1")
//!     .argv(["bin/migrate", "--all"])
//!     .cwd("/srv/shop/current")
//!     .env("RAILS_ENV", "production")
//!     .tee(Level::Info)
//!     .timeout(Duration::from_secs(600))
//!     .run()?
//!     .success()?;
//! # Ok(())
//! # }
//! ```

mod output;

use crate::log::Level;
use crate::{Result, Text, host};
pub use output::{Exit, Output};
use std::time::Duration;

/// How many bytes of the end of each output stream the answer carries unless
/// [`Command::capture`] says otherwise: enough for any answer of a script, little enough for a journal.
pub const DEFAULT_CAPTURE_BYTES: u32 = 64 * 1024;

/// What to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// A program and its arguments, each passed as it is: nothing in them is interpreted.
    Argv(Vec<String>),
    /// A script for the target's `sh`.
    Script(String),
}

/// How a command may be repeated when its outcome is unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Repeat {
    /// It starts once and outlives the connection; the host finds it again.
    #[default]
    Reattachable,
    /// Running it again does no harm; about 10 ms faster.
    Idempotent,
    /// It only reads; it is performed in a dry run too.
    Reads,
}

/// A command for a target, as the host gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The name of a target of this environment.
    pub target: String,
    /// What to run.
    pub program: Program,
    /// Environment variables; not visible in the target's process list.
    pub env: Vec<(String, Text)>,
    /// Working directory; absent: the home directory of the connection's user.
    pub cwd: Option<String>,
    /// What it reads from its standard input.
    pub stdin: Text,
    /// Run as root through `sudo -n`.
    pub sudo: bool,
    /// The name of the secret that `sudo` is given as the password, where it asks; absent: it must not ask.
    pub sudo_password: Option<String>,
    /// When it is ended; absent: when the stage's time is up.
    pub timeout: Option<Duration>,
    /// The level at which its output goes to the log; absent: it does not.
    pub tee: Option<Level>,
    /// How many bytes of the end of each output stream the answer carries.
    pub capture_bytes: u32,
    /// How it may be repeated.
    pub repeat: Repeat,
    /// The answer in a dry run; absent: status 0 and no output.
    pub assume: Option<Output>,
}

impl Request {
    /// The command in a few words, for messages: the arguments, or the script's first line.
    pub fn summary(&self) -> String {
        match &self.program {
            Program::Argv(argv) => argv.join(" "),
            Program::Script(script) => {
                let mut lines = script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
                let first = lines.next().unwrap_or_default();
                if lines.next().is_some() { format!("{first} …") } else { first.to_owned() }
            }
        }
    }
}

/// A command that is being put together; [`run`](Command::run) runs it.
#[derive(Debug, Clone)]
#[must_use = "a command does nothing until `run` is called"]
pub struct Command {
    request: Request,
    name: Option<String>,
}

/// A command on this target, a program with arguments: see [`Command::argv`].
pub fn command(target: impl Into<String>) -> Command {
    Command::new(target, Program::Argv(Vec::new()))
}

/// A script for the `sh` of this target, where a shell is the point. Values go in through
/// [`Command::env`], never by building them into the text.
pub fn script(target: impl Into<String>, script: impl Into<String>) -> Command {
    Command::new(target, Program::Script(script.into()))
}

impl Command {
    fn new(target: impl Into<String>, program: Program) -> Self {
        let request = Request {
            target: target.into(),
            program,
            env: Vec::new(),
            cwd: None,
            stdin: Text::default(),
            sudo: false,
            sudo_password: None,
            timeout: None,
            tee: None,
            capture_bytes: DEFAULT_CAPTURE_BYTES,
            repeat: Repeat::default(),
            assume: None,
        };
        Self { request, name: None }
    }

    /// The program and its arguments, each passed as it is.
    pub fn argv<S: Into<String>>(mut self, argv: impl IntoIterator<Item = S>) -> Self {
        self.request.program = Program::Argv(argv.into_iter().map(Into::into).collect());
        self
    }

    /// What error messages, plans and lists of effects call it, where the command's own text says little. A script
    /// is sent with it as its first line, a comment.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// An environment variable.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<Text>) -> Self {
        self.request.env.push((name.into(), value.into()));
        self
    }

    /// Environment variables.
    pub fn envs<N: Into<String>, V: Into<Text>>(self, variables: impl IntoIterator<Item = (N, V)>) -> Self {
        variables.into_iter().fold(self, |command, (name, value)| command.env(name, value))
    }

    /// The working directory.
    pub fn cwd(mut self, directory: impl Into<String>) -> Self {
        self.request.cwd = Some(directory.into());
        self
    }

    /// What it reads from its standard input.
    pub fn stdin(mut self, text: impl Into<Text>) -> Self {
        self.request.stdin = text.into();
        self
    }

    /// Run as root through `sudo -n`.
    pub fn sudo(mut self) -> Self {
        self.request.sudo = true;
        self
    }

    /// Run as root through `sudo`, which is given this secret of the environment where it asks for a password.
    pub fn sudo_with(mut self, secret: impl Into<String>) -> Self {
        self.request.sudo = true;
        self.request.sudo_password = Some(secret.into());
        self
    }

    /// When it is ended: TERM to its process group, KILL 5 s later.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.request.timeout = Some(timeout);
        self
    }

    /// Writes its output to the stage's log, line by line, as it comes.
    pub fn tee(mut self, level: Level) -> Self {
        self.request.tee = Some(level);
        self
    }

    /// How many bytes of the end of each output stream the answer carries; at most 1 MiB.
    pub fn capture(mut self, bytes: u32) -> Self {
        self.request.capture_bytes = bytes;
        self
    }

    /// It only reads: it may run again, and is performed in a dry run too.
    pub fn reads(mut self) -> Self {
        self.request.repeat = Repeat::Reads;
        self
    }

    /// Running it again does no harm: it is not wrapped, and about 10 ms faster.
    pub fn idempotent(mut self) -> Self {
        self.request.repeat = Repeat::Idempotent;
        self
    }

    /// The answer in a dry run.
    pub fn assume(mut self, output: Output) -> Self {
        self.request.assume = Some(output);
        self
    }

    /// Runs it and waits for its end. A status other than 0 is an answer, not an error: see
    /// [`Output::success`].
    ///
    /// # Errors
    /// `denied`, `unreachable`, `timeout`, `canceled`, `outcome-unknown`.
    pub fn run(self) -> Result<Output> {
        let mut request = self.request;
        if let (Program::Script(script), Some(name)) = (&mut request.program, &self.name) {
            let title = name.lines().next().unwrap_or_default();
            *script = format!("# {title}\n{script}");
        }
        let what = self.name.unwrap_or_else(|| format!("`{}`", request.summary()));
        let target = request.target.clone();
        Ok(host::exec(request)?.describe(format!("{what} on {target}")))
    }
}
