//! What a command prints: results on stdout, as text or JSON; notes and errors on stderr.

use super::CliError;
use super::render::style::{self, paint};
use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use serde::Serialize;
use std::io::{ErrorKind, Write};

/// The terminal's width where it does not tell.
const USUAL_WIDTH: usize = 100;

/// Where results go, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    json: bool,
}

impl Output {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    pub(super) fn is_json(self) -> bool {
        self.json
    }

    /// Whether a person watches stdout on a terminal that can show lines that change.
    pub(super) fn is_live(self) -> bool {
        !self.json && moves(&std::io::stdout())
    }

    /// The same of stderr.
    pub(super) fn is_live_on_stderr(self) -> bool {
        !self.json && moves(&std::io::stderr())
    }

    /// Prints a result: as JSON, or as `render` shows it.
    pub(super) fn value<T: Serialize + ?Sized>(
        self,
        value: &T,
        render: impl FnOnce(&T) -> String,
    ) -> Result<(), CliError> {
        if !self.json {
            return self.text(&render(value));
        }
        let mut text = serde_json::to_string_pretty(value).expect("wire types are JSON");
        text.push('\n');
        self.text(&text)
    }

    /// Prints a result as JSON on one line, for streams of them.
    pub(super) fn line(self, value: &impl Serialize) -> Result<(), CliError> {
        let mut text = serde_json::to_string(value).expect("wire types are JSON");
        text.push('\n');
        self.text(&text)
    }

    /// Prints text to stdout as it is; colors are dropped where nobody sees them.
    pub(super) fn text(self, text: &str) -> Result<(), CliError> {
        let mut stdout = anstream::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(CliError::OutputClosed),
            // A terminal that was closed.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => {
                Err(CliError::OutputClosed)
            }
            Err(error) => Err(CliError::usage(format!("cannot write the output: {error}"), "check where it goes")),
            Ok(()) => Ok(()),
        }
    }

    /// Tells a person what happens, on stderr; nothing with `--json`.
    pub(super) fn note(self, text: &str) {
        if !self.json {
            to_stderr(&format!("{text}\n"));
        }
    }

    /// Says that something may not be what was meant.
    pub(super) fn warn(self, text: &str) {
        self.note(&format!("{} {text}", paint(style::WARNING, "warning:")));
    }

    /// Prints why a command failed and what to do next.
    pub(super) fn error(self, error: &CliError) {
        if matches!(error, CliError::OutputClosed) {
            return;
        }
        let text = if self.json {
            serde_json::to_string(&error.failure()).expect("wire types are JSON")
        } else {
            super::render::error(error)
        };
        to_stderr(&format!("{}\n", text.trim_end()));
    }

    /// The terminal's size in columns and rows.
    pub(super) fn size(self) -> (usize, usize) {
        match rustix::termios::tcgetwinsize(std::io::stdout()) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.into(), size.ws_row.into()),
            _ => (USUAL_WIDTH, 24),
        }
    }
}

/// Moving the cursor takes escape sequences, which are dropped wherever colors are (`NO_COLOR`, `TERM=dumb`).
fn moves<S: RawStream>(stream: &S) -> bool {
    stream.is_terminal() && AutoStream::choice(stream) != ColorChoice::Never
}

/// Where stderr is closed there is nobody left to tell.
fn to_stderr(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}
