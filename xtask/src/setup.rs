//! `cargo xtask setup`: what must be on the machine before anything is compiled.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::{
    process::{self, cargo},
    step::step,
    workspace::Workspace,
};

/// What plugins are compiled to.
pub(crate) const PLUGIN_TARGET: &str = "wasm32-wasip2";
/// What the web UI is compiled to.
pub(crate) const WEB_TARGET: &str = "wasm32-unknown-unknown";

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    step("set-up", "C compiler, wasm targets, crates", || {
        c_compiler()?;
        for target in [PLUGIN_TARGET, WEB_TARGET] {
            wasm_target(workspace, target)?;
        }
        crates(workspace)
    })
}

/// SQLite and ring are C; cargo's own error for a missing compiler comes minutes into the build.
fn c_compiler() -> Result<()> {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    if !process::answers(Command::new(&compiler).arg("--version"))? {
        bail!(
            "no C compiler: `{compiler} --version` does not run, and SQLite and ring need one\n  \
             install it (Debian, Ubuntu: apt-get install gcc libc6-dev; Fedora: dnf install gcc; \
             Alpine: apk add gcc musl-dev) and run this again"
        );
    }
    Ok(())
}

fn wasm_target(workspace: &Workspace, target: &str) -> Result<()> {
    if has_core(workspace, target)? {
        return Ok(());
    }
    println!("    adding the target {target} (one download of about 20 MB)");
    let added = process::run(
        Command::new("rustup").args(["target", "add", target]).current_dir(workspace.root()),
        "rustup could not add the target",
    );
    if let Err(error) = added {
        bail!("{error:#}\n{}", without_rustup(target));
    }
    if !has_core(workspace, target)? {
        bail!(
            "rustup says that {target} is installed, but its standard library is not there\n  \
             run `rustup target remove {target}`, then this again"
        );
    }
    Ok(())
}

fn without_rustup(target: &str) -> String {
    format!(
        "  the standard library of {target} is missing. Either\n  \
         - make `rustup target add {target}` work (it needs rustup and its download server), or\n  \
         - build it from your distribution's packages: docs/wasm-targets.md says how; on Debian \
         `docs/wasm-targets-debian.sh` does it in about two minutes"
    )
}

/// A missing target is no error to rustc before the first build with it ("can't find crate for
/// `core`"), so look for its core library.
fn has_core(workspace: &Workspace, target: &str) -> Result<bool> {
    let directory = process::read(
        Command::new("rustc").args(["--print", "target-libdir", "--target", target]).current_dir(workspace.root()),
    )
    .context("rustc does not run; install it with rustup, in the version rust-toolchain.toml names")?;
    let directory = PathBuf::from(directory.trim());
    let Ok(entries) = directory.read_dir() else {
        return Ok(false);
    };
    let mut names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
    Ok(names.any(|name| name.to_string_lossy().starts_with("libcore-")))
}

/// Downloads what Cargo.lock names, once per Cargo.lock, so that a missing network shows here and
/// not in the middle of a build.
fn crates(workspace: &Workspace) -> Result<()> {
    let lock = std::fs::read(workspace.path("Cargo.lock"))
        .context("Cargo.lock is missing; it belongs to the repository: `git checkout Cargo.lock`")?;
    let digest = hex::encode(Sha256::digest(&lock));
    let note = workspace.notes()?.join("fetched");
    if std::fs::read_to_string(&note).is_ok_and(|fetched| fetched == digest) {
        return Ok(());
    }
    println!("    downloading the crates that Cargo.lock names (about 700, once)");
    let mut fetch = cargo(workspace);
    fetch.arg("fetch");
    if process::is_ci() {
        fetch.arg("--locked");
    }
    process::run(
        &mut fetch,
        "a crate could not be downloaded: is there a network, and a proxy if you need one? \
         Behind a mirror, cargo's `source.*.replace-with` setting names it",
    )?;
    std::fs::write(&note, digest).context("could not write a note into the target directory")
}
