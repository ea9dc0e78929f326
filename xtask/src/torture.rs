//! `cargo xtask torture`: the tests that need long to say much, with their figures.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::{
    build::{self, Profile},
    process::{self, cargo},
    step::step,
    workspace::{Group, Workspace},
};

/// Tests that last longer, and say more, where this is 1.
const LONG: &str = "WINDLASS_TORTURE";
/// Kills beyond those of every run of the tests, on each database.
const KILLS: &str = "WINDLASS_TORTURE_KILLS";
/// Parts of the names of the tests it is about.
const TESTS: [&str; 5] = ["kill_sweep::", "viewers::", "ssh::tests::faults::", "ssh::tests::silence::", "servers::"];

#[derive(Args)]
pub(crate) struct Options {
    /// Kills of the server on each database, beyond those that every run of the tests makes
    #[arg(long, default_value_t = 400)]
    kills: u32,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    build::run(workspace, build::Options::new(Profile::Dev, true))?;
    step(
        "torture",
        "what dies, is cut off or stands still, again and again; times are reported and asserted nowhere",
        || {
            let mut command = cargo(workspace);
            command.args(["nextest", "run", "--profile", "torture"]).args(workspace.select(Group::Host)?);
            command.arg("--").args(TESTS).env(LONG, "1").env(KILLS, options.kills.to_string());
            process::run(&mut command, "the tests say why above")
        },
    )?;
    Ok(ExitCode::SUCCESS)
}
