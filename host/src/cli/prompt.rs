//! Questions to the person at the terminal.

use super::CliError;
use rustix::termios::{self, LocalModes, OptionalActions, Termios};
use std::io::{BufRead, IsTerminal, Write};

/// Whether there is a person to ask.
pub(super) fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks for a line; an empty one is the default.
pub(super) fn ask(question: &str, default: Option<&str>) -> Result<String, CliError> {
    loop {
        match default {
            Some(default) if !default.is_empty() => show(&format!("{question} [{default}] ")),
            _ => show(&format!("{question} ")),
        }
        let line = read_line()?;
        match (line.is_empty(), default) {
            (false, _) => return Ok(line),
            (true, Some(default)) => return Ok(default.to_owned()),
            (true, None) => {}
        }
    }
}

/// Asks a question whose safe answer is no.
pub(super) fn confirm(question: &str) -> Result<bool, CliError> {
    show(&format!("{question} [y/N] "));
    Ok(matches!(read_line()?.to_lowercase().as_str(), "y" | "yes"))
}

/// Asks for a line that is not shown. Where nobody is asked, reads it from stdin.
pub(super) fn ask_hidden(question: &str) -> Result<String, CliError> {
    if !is_interactive() {
        return read_line();
    }
    show(&format!("{question} "));
    let hidden = EchoOff::new();
    let line = read_line();
    drop(hidden);
    show("\n");
    line
}

fn show(text: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

fn read_line() -> Result<String, CliError> {
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line) {
        Ok(0) => Err(CliError::usage("the input ended before the answer", "run it in a terminal, or pass the answer")),
        Ok(_) => Ok(line.trim().to_owned()),
        Err(error) => Err(CliError::usage(format!("cannot read the answer: {error}"), "run it in a terminal")),
    }
}

/// Keeps the terminal from showing what is typed, until dropped.
struct EchoOff(Option<Termios>);

impl EchoOff {
    fn new() -> Self {
        let Ok(before) = termios::tcgetattr(std::io::stdin()) else { return Self(None) };
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        let changed = termios::tcsetattr(std::io::stdin(), OptionalActions::Flush, &silent);
        Self(changed.is_ok().then_some(before))
    }
}

impl Drop for EchoOff {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = termios::tcsetattr(std::io::stdin(), OptionalActions::Flush, before);
        }
    }
}
