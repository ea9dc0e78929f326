//! How a command ended and what it wrote.

use crate::{Error, Result};
use std::borrow::Cow;
use std::fmt;

/// How many lines of standard error a failure quotes: the reason is at the end.
const QUOTED_LINES: usize = 5;

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// Its exit status, 0 to 255.
    Status(u32),
    /// The signal that ended it, without `SIG`.
    Signal(String),
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "exited with {status}"),
            Self::Signal(signal) => write!(f, "was ended by SIG{signal}"),
        }
    }
}

/// What a command answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// How it ended.
    pub exit: Exit,
    /// The last bytes of standard output.
    pub stdout: Vec<u8>,
    /// The last bytes of standard error.
    pub stderr: Vec<u8>,
    /// How many bytes of standard output came before those.
    pub stdout_dropped: u64,
    /// How many bytes of standard error came before those.
    pub stderr_dropped: u64,
    /// Which command it was, for messages.
    what: String,
}

impl Output {
    /// Status 0 and this standard output: to assume in a dry run, or to answer in a test.
    pub fn ok(stdout: impl Into<Vec<u8>>) -> Self {
        Self { stdout: stdout.into(), ..Self::exited(Exit::Status(0), "") }
    }

    /// A status and this standard error.
    pub fn failed(status: u32, stderr: impl Into<Vec<u8>>) -> Self {
        Self::exited(Exit::Status(status), stderr)
    }

    /// An end and this standard error.
    pub fn exited(exit: Exit, stderr: impl Into<Vec<u8>>) -> Self {
        Self {
            exit,
            stdout: Vec::new(),
            stderr: stderr.into(),
            stdout_dropped: 0,
            stderr_dropped: 0,
            what: "the command".to_owned(),
        }
    }

    pub(crate) fn describe(mut self, what: String) -> Self {
        self.what = what;
        self
    }

    /// Whether it exited with 0.
    pub fn succeeded(&self) -> bool {
        self.exit == Exit::Status(0)
    }

    /// The exit status; absent where a signal ended it.
    pub fn status(&self) -> Option<u32> {
        match self.exit {
            Exit::Status(status) => Some(status),
            Exit::Signal(_) => None,
        }
    }

    /// Standard output as text, without the line break at its end.
    pub fn stdout(&self) -> Cow<'_, str> {
        trimmed(&self.stdout)
    }

    /// Standard error as text, without the line break at its end.
    pub fn stderr(&self) -> Cow<'_, str> {
        trimmed(&self.stderr)
    }

    /// This output, if the command exited with 0.
    ///
    /// # Errors
    /// `failed` with the code `exit-status` or `signal`; the message says which command it was and
    /// quotes the end of its standard error, or of its standard output where that is empty.
    pub fn success(self) -> Result<Self> {
        if self.succeeded() { Ok(self) } else { Err(self.error()) }
    }

    /// The error that [`success`](Self::success) answers.
    pub fn error(&self) -> Error {
        let code = match self.exit {
            Exit::Status(_) => "exit-status",
            Exit::Signal(_) => "signal",
        };
        let mut message = format!("{} {}", self.what, self.exit);
        let stderr = self.stderr();
        let text = if stderr.trim().is_empty() { self.stdout() } else { stderr };
        let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        for line in &lines[lines.len().saturating_sub(QUOTED_LINES)..] {
            message.push_str("\n  ");
            message.push_str(line);
        }
        Error::failed(message).code(code)
    }
}

fn trimmed(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    String::from_utf8_lossy(bytes.strip_suffix(b"\r").unwrap_or(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_quotes_the_end_of_standard_error() {
        let output = Output::failed(3, "one\n\ntwo\nthree\nfour\nfive\nsix\n").describe("`bin/migrate` on db-1".into());
        let error = output.success().unwrap_err();
        assert_eq!(error.message, "`bin/migrate` on db-1 exited with 3\n  two\n  three\n  four\n  five\n  six");
        assert_eq!(error.code, "exit-status");
    }

    #[test]
    fn a_silent_standard_error_falls_back_to_standard_output() {
        let mut output = Output::exited(Exit::Signal("KILL".into()), " \n");
        output.stdout = b"last words\n".to_vec();
        assert_eq!(output.error().message, "the command was ended by SIGKILL\n  last words");
    }

    #[test]
    fn text_loses_one_line_break() {
        assert_eq!(Output::ok("a\n\n").stdout(), "a\n");
    }
}
