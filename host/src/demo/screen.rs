//! What the demo says on the terminal: lines that stay, and one below them that changes.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::{AutoStream, ColorChoice};

use super::error::DemoError;
use crate::cli::render::style::{BOLD, DIM, FAILURE, SUCCESS, WARNING, paint};
use crate::cli::render::text::clean_block;

/// The terminal, or whatever stdout is.
pub(super) struct Screen {
    /// Whether a line can be taken back.
    moves: bool,
    status_shown: AtomicBool,
}

impl Screen {
    pub(super) fn new() -> Self {
        let stdout = std::io::stdout();
        let moves = stdout.is_terminal() && AutoStream::choice(&stdout) != ColorChoice::Never;
        Self { moves, status_shown: AtomicBool::new(false) }
    }

    /// A line that stays.
    pub(super) fn line(&self, text: &str) {
        self.write(&format!("{text}\n"));
        self.status_shown.store(false, Ordering::Relaxed);
    }

    /// A heading, after an empty line.
    pub(super) fn heading(&self, text: &str) {
        self.line(&format!("\n{}", paint(BOLD, text)));
    }

    /// `  ✓ name  text`, the names aligned.
    pub(super) fn done(&self, name: &str, text: &str) {
        self.line(&format!("  {} {name:<11} {text}", paint(SUCCESS, "✓")));
    }

    /// What did not go well, in a sentence.
    pub(super) fn failed(&self, text: &str) {
        self.line(&format!("  {} {text}", paint(FAILURE, "✗")));
    }

    /// What failed, and what to do next.
    pub(super) fn error(&self, error: &DemoError) {
        self.failed(&clean_block(&error.to_string(), "    "));
        if let Some(hint) = error.hint() {
            self.line(&format!("    {} {hint}", paint(DIM, "next:")));
        }
    }

    /// What can be done next, in a line of its own.
    pub(super) fn hint(&self, text: &str) {
        self.line(&format!("\n  {}", paint(DIM, text)));
    }

    /// What is worth knowing.
    pub(super) fn note(&self, text: &str) {
        self.line(&format!("  {} {text}", paint(WARNING, "!")));
    }

    /// A name and what it stands for, the names aligned.
    pub(super) fn entry(&self, name: &str, text: &str, remark: &str) {
        let gap = if remark.is_empty() { "" } else { "   " };
        self.line(&format!("  {name:<9} {}{gap}{}", paint(BOLD, text), paint(DIM, remark)));
    }

    /// Shows what goes on, until something else is said; nothing where lines cannot be taken back.
    pub(super) fn status(&self, text: &str) {
        if self.moves {
            self.write(&paint(DIM, text));
            self.status_shown.store(true, Ordering::Relaxed);
        }
    }

    fn write(&self, text: &str) {
        let erase = if self.status_shown.load(Ordering::Relaxed) { "\r\x1b[K" } else { "" };
        let mut stdout = anstream::stdout().lock();
        // Nobody is left to be told that stdout is closed; the demo ends as it would otherwise.
        let _ = write!(stdout, "{erase}{text}").and_then(|()| stdout.flush());
    }
}
