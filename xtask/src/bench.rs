//! `cargo xtask bench`: build in release, then run the benchmark program.

use std::process::ExitCode;

use anyhow::Result;

use crate::{build, process, step::step, workspace::Workspace};

/// The workspace's benchmark crate; it finds `windlass` beside itself in the target directory.
const PACKAGE: &str = "windlass-bench";

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    build::run(workspace, build::Options::release())?;
    step("benchmarks", "measured side by side, as ratios", || {
        let mut command = process::cargo(workspace);
        command.args(["run", "--release", "--package", PACKAGE, "--"]).args(arguments);
        process::run(&mut command, "the benchmark program says why above")
    })?;
    Ok(ExitCode::SUCCESS)
}
