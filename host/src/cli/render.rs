//! What people see: pure functions from API types to text with ANSI colors, which the output drops
//! where nobody sees them.

pub mod approval;
pub mod deployment;
pub mod effects;
pub mod event;
pub mod failure;
pub mod pipeline;
pub mod plan;
pub mod plugin;
pub mod project;
pub mod replay;
pub mod server;
pub mod style;
pub mod table;
pub mod text;
pub mod time;

#[cfg(test)]
pub(super) mod sample;

use super::CliError;
use style::paint;

/// An error of a command: what failed, then what to do.
pub fn error(error: &CliError) -> String {
    said(&error.to_string(), error.hint().as_deref())
}

/// A message and its hint, as every error shows them.
pub fn said(message: &str, hint: Option<&str>) -> String {
    let mut text = format!("{} {}\n", paint(style::FAILURE, "error:"), text::clean_block(message, "  "));
    if let Some(hint) = hint {
        text.push_str(&format!("  {} {}\n", paint(style::DIM, "next:"), text::clean_block(hint, "  ")));
    }
    text
}
