//! Licenses, bans and sources of all dependencies against `deny.toml`: by cargo-deny where it is
//! installed; else by reading the same file here, because building cargo-deny takes a machine
//! without it longer than everything else in `check`.

use std::fs;

use anyhow::{Context, Result, bail};

use super::policy::{Metadata, Policy};
use crate::{
    process::{self, cargo},
    workspace::Workspace,
};

const POLICY: &str = "deny.toml";

pub(super) fn check(workspace: &Workspace) -> Result<()> {
    if process::answers(cargo(workspace).args(["deny", "--version"]))? {
        let mut command = cargo(workspace);
        command.args(["deny", "check", "licenses", "bans", "sources"]);
        return process::run(&mut command, "cargo-deny says above which crate breaks deny.toml");
    }
    let text = fs::read_to_string(workspace.path(POLICY)).context("could not read deny.toml")?;
    let policy: Policy = toml::from_str(&text).context("deny.toml is not as expected")?;
    let findings = policy.findings(&metadata(workspace, &policy)?);
    for finding in &findings {
        println!("    {finding}");
    }
    match findings.len() {
        0 => Ok(()),
        count => bail!("{count} dependencies break {POLICY}; use another crate, or change the file and say why in it"),
    }
}

fn metadata(workspace: &Workspace, policy: &Policy) -> Result<Metadata> {
    let mut command = cargo(workspace);
    command.args(["metadata", "--format-version", "1"]);
    for target in &policy.graph.targets {
        command.args(["--filter-platform", target]);
    }
    let json = process::read(&mut command)?;
    serde_json::from_str(&json).context("cargo metadata answers something unexpected")
}
