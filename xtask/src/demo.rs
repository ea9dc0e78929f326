//! `cargo xtask demo`: build in release, then become `windlass demo`.

use std::{
    os::unix::process::CommandExt,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};

use crate::{
    build::{self, Profile},
    workspace::Workspace,
};

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    build::run(workspace, build::Options::release())?;
    let program = build::host_program(workspace, Profile::Release);
    // Becoming the program, not starting it: Ctrl-C and the exit code are its own.
    let error = Command::new(&program).arg("demo").args(arguments).exec();
    Err(error).with_context(|| format!("could not start {}", program.display()))
}
