//! `windlass completions`: what a shell completes.

use super::{Cli, CliError, Exit, Output};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  windlass completions bash > ~/.local/share/bash-completion/completions/windlass")]
pub(super) struct Completions {
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "windlass", &mut script);
        Output::new(false).text(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Done)
    }
}
