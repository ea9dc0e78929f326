//! `cargo xtask check`: what must hold before a merge. Every part runs even where an earlier one
//! failed, so that one run names everything there is to mend.

mod dependencies;
mod policy;

use std::process::Command;

use anyhow::{Result, bail};

use crate::{
    docs as pages,
    process::{self, cargo},
    setup::{self, WEB_TARGET},
    step::step,
    tidy,
    workspace::{Group, WEB, Workspace},
};

/// The web UI is compiled for the browser, everything else for this machine.
const FOR_BROWSER: [&str; 4] = ["--package", WEB, "--target", WEB_TARGET];

type Part = fn(&Workspace) -> Result<()>;

const PARTS: [(&str, &str, Part); 8] = [
    ("tidy", "the house rules, by reading the files", tidy::rules),
    ("dependencies", "licenses, bans, sources (deny.toml)", dependencies::check),
    ("pages", "the generated pages about the contract", pages::check),
    ("format", "cargo fmt", format),
    ("lints", "clippy; checks 700 crates the first time, 5 minutes on two cores", lints),
    ("web lints", "clippy for the browser's target", web_lints),
    ("docs", "rustdoc, with broken links as errors", docs),
    ("web docs", "rustdoc for the browser's target", web_docs),
];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    setup::run(workspace)?;
    let mut failed = Vec::new();
    for (name, why, part) in PARTS {
        if let Err(error) = step(name, why, || part(workspace)) {
            eprintln!("error: {error:#}");
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!("check found something to mend in: {}", failed.join(", "));
    }
    Ok(())
}

fn format(workspace: &Workspace) -> Result<()> {
    let mut command = cargo(workspace);
    command.args(["fmt", "--all", "--check"]);
    process::run(&mut command, "run `cargo fmt --all`")
}

fn lints(workspace: &Workspace) -> Result<()> {
    for group in Group::ALL {
        let mut command = cargo(workspace);
        command.arg("clippy").args(workspace.select(group)?).arg("--all-targets");
        deny_warnings(&mut command)?;
    }
    Ok(())
}

fn web_lints(workspace: &Workspace) -> Result<()> {
    let mut command = cargo(workspace);
    command.arg("clippy").args(FOR_BROWSER);
    deny_warnings(&mut command)
}

fn deny_warnings(command: &mut Command) -> Result<()> {
    command.args(["--", "--deny", "warnings"]);
    process::run(command, "clippy says above what to change")
}

fn docs(workspace: &Workspace) -> Result<()> {
    for group in Group::ALL {
        document(workspace, &workspace.select(group)?)?;
    }
    Ok(())
}

fn web_docs(workspace: &Workspace) -> Result<()> {
    document(workspace, &FOR_BROWSER.map(str::to_owned))
}

fn document(workspace: &Workspace, selection: &[String]) -> Result<()> {
    let mut command = cargo(workspace);
    command.args(["doc", "--no-deps"]).args(selection).env("RUSTDOCFLAGS", "--deny warnings");
    process::run(&mut command, "rustdoc says above what to change")
}
