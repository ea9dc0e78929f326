//! The command line, run as a person runs it.

use serde::de::DeserializeOwned;
use std::process::ExitStatus;

/// The exit codes that `windlass --help` documents.
pub(crate) mod exit {
    pub(crate) const DONE: i32 = 0;
    pub(crate) const FAILED: i32 = 1;
    pub(crate) const USAGE: i32 = 2;
    pub(crate) const UNREACHABLE: i32 = 4;
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Output {
    command: String,
    status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    pub(crate) fn new(command: String, output: std::process::Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("windlass prints UTF-8");
        Self { command, status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Fails the test with all that was printed if the command ended with another code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        let Self { command, status, stdout, stderr } = &self;
        let ended = status.code() == Some(code);
        assert!(ended, "`{command}` ended with {status}, not with {code}\n--- stdout\n{stdout}\n--- stderr\n{stderr}");
        self
    }

    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        self.exits(exit::DONE)
    }

    /// The JSON of `--json`.
    #[track_caller]
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        let Self { command, stdout, .. } = self;
        serde_json::from_str(stdout)
            .unwrap_or_else(|error| panic!("`{command}` printed no such JSON: {error}\n{stdout}"))
    }
}
