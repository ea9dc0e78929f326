//! `cargo xtask`: everything a checkout needs beyond plain cargo, one file per command.

mod bench;
mod build;
mod check;
mod demo;
mod docs;
mod process;
mod setup;
mod step;
mod test;
mod tidy;
mod torture;
mod tree;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Builds, tests and checks Windlass.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check the toolchain and install the two wasm targets
    Setup,
    /// Build plugins, web UI and the `windlass` binary that embeds them
    Build(build::Options),
    /// Build in release and start the demo: a server, a target and an app on this machine
    Demo {
        /// Passed to `windlass demo`, e.g. `--check`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Build, then run all tests, or those whose name contains a filter
    Test(test::Options),
    /// Build, then kill, cut off and freeze what runs, for long (about an hour)
    Torture(torture::Options),
    /// Write the generated pages in `docs/`: capabilities, plugins, templates
    Docs,
    /// Everything that must hold before a merge: format, lints, docs, licenses, house rules
    Check,
    /// Only the house rules of the repository (a part of `check`, without compiling anything)
    Tidy,
    /// Build in release and run the benchmarks
    Bench {
        /// Passed to the benchmark program
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    let result = Workspace::locate().and_then(|workspace| match Cli::parse().command {
        Command::Setup => setup::run(&workspace).map(|()| ExitCode::SUCCESS),
        Command::Build(options) => build::run(&workspace, options).map(|()| ExitCode::SUCCESS),
        Command::Demo { arguments } => demo::run(&workspace, &arguments),
        Command::Test(options) => test::run(&workspace, &options),
        Command::Torture(options) => torture::run(&workspace, &options),
        Command::Docs => docs::run(&workspace).map(|()| ExitCode::SUCCESS),
        Command::Check => check::run(&workspace).map(|()| ExitCode::SUCCESS),
        Command::Tidy => tidy::run(&workspace).map(|()| ExitCode::SUCCESS),
        Command::Bench { arguments } => bench::run(&workspace, &arguments),
    });
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
