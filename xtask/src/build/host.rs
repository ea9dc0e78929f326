//! The `windlass` binary.

use std::path::PathBuf;

use anyhow::Result;

use super::Profile;
use crate::{
    process::{self, cargo},
    step::step,
    workspace::{Group, Workspace},
};

pub(super) fn run(workspace: &Workspace, profile: Profile) -> Result<()> {
    let why = if program(workspace, profile).exists() {
        "what changed"
    } else {
        "wasmtime and 400 crates, 10 to 15 minutes the first time on two cores"
    };
    step("host", why, || {
        let mut command = cargo(workspace);
        command.arg("build");
        match profile {
            // As the tests need it.
            Profile::Dev => command.args(workspace.select(Group::Host)?),
            Profile::Release => command.args(["--release", "--package", "windlass"]),
        };
        command.args(["--bin", "windlass"]);
        process::run(&mut command, "the host does not compile; the compiler says why above")
    })
}

/// Where cargo leaves the program.
pub(crate) fn program(workspace: &Workspace, profile: Profile) -> PathBuf {
    let directory = match profile {
        Profile::Dev => "debug",
        Profile::Release => "release",
    };
    workspace.target().join(directory).join("windlass")
}
