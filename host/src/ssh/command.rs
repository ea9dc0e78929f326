//! The command lines that are sent to a target, built by pure functions.
//!
//! Each is `sh -c PROGRAM windlass ARGUMENTS…`: fixed programs (the files in `command/`) that take
//! everything variable as arguments, so that a user's login shell sees quoted words and nothing else.
//! A target needs `sh`, `setsid`, `tee` and what every system has (`mkdir`, `mv`, `cat`, `tail`).
//!
//! A program first writes a line with the *token* of its run to both of its streams. What comes before
//! it is not from the command (a profile that prints, a `sudo` that refuses), see `opening.rs`.

use uuid::Uuid;

use super::exec::Fence;
use super::quote::quote;
use super::reception::Seen;
use super::sudo::Sudo;

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A program and its arguments, each passed as it is.
    Argv(Vec<String>),
    /// A script for the target's `sh`.
    Script(String),
}

impl Command {
    fn argv(&self) -> Vec<&str> {
        match self {
            Command::Argv(argv) => argv.iter().map(String::as_str).collect(),
            Command::Script(script) => vec!["sh", "-c", script],
        }
    }
}

/// Marks the beginning of one run's output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token(String);

impl Token {
    pub(super) fn new() -> Self {
        Self(format!("windlass-{}", Uuid::now_v7().simple()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    #[cfg(test)]
    pub(super) fn fixed(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// What all runs have in common.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) token: &'a Token,
    pub(super) sudo: &'a Sudo,
}

/// A command that starts once.
#[derive(Clone, Copy)]
pub(super) struct Once {
    pub(super) key: Uuid,
    pub(super) fence: Option<Fence>,
}

impl Once {
    /// The key, the deployment ('' for none) and the epoch, as the programs take them.
    fn arguments(&self) -> [String; 3] {
        let (deployment, epoch) =
            self.fence.map_or_else(Default::default, |fence| (fence.deployment.to_string(), fence.epoch));
        [self.key.to_string(), deployment, epoch.to_string()]
    }
}

const PLAIN: &str = include_str!("command/plain.sh");
const START: &str = concat!(
    include_str!("command/effects.sh"),
    include_str!("command/fence.sh"),
    include_str!("command/claim.sh"),
    include_str!("command/start.sh")
);
const SESSION: &str =
    concat!(include_str!("command/stamp.sh"), include_str!("command/claim.sh"), include_str!("command/session.sh"));
const ATTACH: &str = concat!(
    include_str!("command/effects.sh"),
    include_str!("command/fence.sh"),
    include_str!("command/void.sh"),
    include_str!("command/stamp.sh"),
    include_str!("command/claim.sh"),
    include_str!("command/attach.sh")
);
const END_GROUP: &str = concat!(include_str!("command/end.sh"), include_str!("command/end_group.sh"));
const END_EFFECT: &str = concat!(
    include_str!("command/effects.sh"),
    include_str!("command/fence.sh"),
    include_str!("command/void.sh"),
    include_str!("command/stamp.sh"),
    include_str!("command/claim.sh"),
    include_str!("command/end.sh"),
    include_str!("command/end_effect.sh")
);
const FORGET: &str = concat!(include_str!("command/effects.sh"), include_str!("command/forget.sh"));

impl Run<'_> {
    /// A command that ends with its connection at the latest: what may be run again.
    /// Standard input: [`environment`], then the command's own.
    pub(super) fn plain(&self, directory: Option<&str>, command: &Command) -> String {
        let mut arguments = vec![self.token.as_str(), directory.unwrap_or_default()];
        arguments.extend(command.argv());
        self.line(PLAIN, &arguments)
    }

    /// A command that outlives its connection and starts once.
    /// Standard input: [`environment`], then the `length` bytes of the command's own.
    pub(super) fn start(&self, once: Once, length: usize, directory: Option<&str>, command: &Command) -> String {
        let ([key, deployment, epoch], length) = (once.arguments(), length.to_string());
        let session = program(SESSION);
        let directory = directory.unwrap_or_default();
        let mut arguments = vec![self.token.as_str(), &key, &deployment, &epoch, &length, directory, &session];
        arguments.extend(command.argv());
        self.line(START, &arguments)
    }

    /// Tells the state of a command, and its output after what was seen. The request to start it with the token
    /// `unanswered` starts nothing any more.
    pub(super) fn attach(&self, once: Once, seen: Seen, unanswered: Option<&Token>) -> String {
        let [key, deployment, epoch] = once.arguments();
        let (stdout, stderr) = ((seen.stdout + 1).to_string(), (seen.stderr + 1).to_string());
        let unanswered = unanswered.map_or("", Token::as_str);
        self.line(ATTACH, &[self.token.as_str(), &key, &deployment, &epoch, &stdout, &stderr, unanswered])
    }

    /// Ends the process group of a plain command.
    pub(super) fn end_group(&self, group: u32) -> String {
        self.line(END_GROUP, &[self.token.as_str(), &group.to_string()])
    }

    /// Ends a command, or makes sure that it never starts: not by the request with the token `started_by` either.
    pub(super) fn end_effect(&self, once: Once, started_by: Option<&Token>) -> String {
        let [key, deployment, epoch] = once.arguments();
        let started_by = started_by.map_or("", Token::as_str);
        self.line(END_EFFECT, &[self.token.as_str(), &key, &deployment, &epoch, started_by])
    }

    /// Removes what is kept of commands whose ends are recorded.
    pub(super) fn forget(&self, keys: &[Uuid]) -> String {
        let keys: Vec<String> = keys.iter().map(Uuid::to_string).collect();
        let mut arguments = vec![self.token.as_str()];
        arguments.extend(keys.iter().map(String::as_str));
        self.line(FORGET, &arguments)
    }

    fn line(&self, source: &str, arguments: &[&str]) -> String {
        let source = format!("{}{source}", self.sudo.preface());
        let mut line = format!("exec {}sh -c {} windlass", self.sudo.prefix(), quote(&program(&source)));
        for argument in arguments {
            line.push(' ');
            line.push_str(&quote(argument));
        }
        line
    }
}

/// A program as it is sent: without its comments and indentation.
pub(super) fn program(source: &str) -> String {
    let lines: Vec<&str> =
        source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    lines.join("\n")
}

/// The environment as the programs read it from standard input, where no process list shows it:
/// one shell statement a line, in ASCII, ended by an empty line.
pub(super) fn environment<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, value) in variables {
        if value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            text.push_str(&format!("export {name}={}\n", quote(value)));
        } else {
            // The `x` keeps a newline at the end, which a substitution would drop.
            text.push_str(&format!("_v=$(printf %b '{}x'); {name}=${{_v%x}}; export {name}; unset _v\n", octal(value)));
        }
    }
    text.push('\n');
    text
}

/// `value` for `printf %b`: everything but letters and digits as an octal escape.
fn octal(value: &str) -> String {
    let mut text = String::with_capacity(value.len() * 2);
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("\\0{byte:03o}"));
        }
    }
    text
}

#[cfg(test)]
mod tests;
