//! Starting cargo and its relatives, with errors that say what was run.

use std::{
    ffi::OsStr,
    io::ErrorKind,
    process::{Command, Output},
};

use anyhow::{Context, Result, anyhow, bail};

use crate::workspace::Workspace;

/// Cargo, in the workspace's root.
pub(crate) fn cargo(workspace: &Workspace) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace.root());
    forget_own_package(&mut command);
    if is_ci() {
        command.env("CARGO_TERM_PROGRESS_WHEN", "never");
    }
    command
}

/// `cargo run` describes xtask's own package in the environment. Build scripts that watch those
/// variables (ring's does) would be run again each time one switches between cargo and xtask.
fn forget_own_package(command: &mut Command) {
    const OWN: [&str; 4] = ["CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"];
    for (name, _) in std::env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || OWN.contains(&text) {
            command.env_remove(&name);
        }
    }
}

/// Whether this runs unattended.
pub(crate) fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

/// Runs a command with our own terminal; anything but success is an error with `advice` in it.
pub(crate) fn run(command: &mut Command, advice: &str) -> Result<()> {
    let status = command.status().with_context(|| format!("could not start `{}`", line(command)))?;
    match status.code() {
        Some(0) => Ok(()),
        Some(_) => bail!("`{}` failed ({status})\n  {advice}", line(command)),
        None => bail!(
            "`{}` was ended from outside ({status})\n  if nobody did, the machine may be short of memory: \
             CARGO_BUILD_JOBS=1 needs less",
            line(command)
        ),
    }
}

/// Runs a command silently and answers its standard output.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let Output { status, stdout, stderr } =
        command.output().with_context(|| format!("could not start `{}`", line(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status}): {}", line(command), String::from_utf8_lossy(&stderr).trim());
    }
    String::from_utf8(stdout).map_err(|_| anyhow!("`{}` answered no UTF-8", line(command)))
}

/// Whether a program exists and answers with success.
pub(crate) fn answers(command: &mut Command) -> Result<bool> {
    match command.output() {
        Ok(output) => Ok(output.status.success()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).with_context(|| format!("could not start `{}`", line(command))),
    }
}

/// The command as one would type it: the program's name without its directory, then the arguments.
pub(crate) fn line(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    std::iter::once(program).chain(command.get_args()).map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_and_the_advice() {
        let error = run(Command::new("/bin/sh").args(["-c", "exit 3"]), "look above for the reason").unwrap_err();
        assert_eq!(error.to_string(), "`sh -c exit 3` failed (exit status: 3)\n  look above for the reason");
    }

    #[test]
    fn a_command_that_was_killed_is_not_said_to_have_failed() {
        let error = run(Command::new("/bin/sh").args(["-c", "kill -9 $$"]), "look above").unwrap_err();
        assert!(error.to_string().contains("was ended from outside"), "{error}");
    }

    #[test]
    fn a_failure_of_a_silent_command_carries_its_errors() {
        let error = read(Command::new("/bin/sh").args(["-c", "echo broken >&2; exit 1"]));
        assert_eq!(error.unwrap_err().to_string(), "`sh -c echo broken >&2; exit 1` failed (exit status: 1): broken");
    }

    #[test]
    fn a_program_that_is_missing_does_not_answer() {
        assert!(!answers(&mut Command::new("no-such-program-anywhere")).unwrap());
    }
}
