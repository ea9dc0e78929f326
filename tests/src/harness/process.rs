//! Processes: the program under test, and what of a target is still running.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The `windlass` that was built beside this test program.
pub(crate) fn windlass() -> PathBuf {
    let own = std::env::current_exe().expect("a running program has a path");
    let program = own.parent().and_then(Path::parent).expect("tests run in target/<profile>/deps").join("windlass");
    assert!(program.exists(), "{} is not there: run `cargo xtask build` first", program.display());
    program
}

/// The user this test runs as, who is also who signs in on targets.
pub(crate) fn user() -> String {
    let output = Command::new("id").arg("-un").output().expect("`id` runs");
    String::from_utf8(output.stdout).expect("user names are text").trim().to_owned()
}

/// Sends a signal to a process, or with a negative id to a process group.
pub(crate) fn signal(pid: i32, signal: i32) {
    // SAFETY: kill takes two numbers and touches no memory.
    unsafe { libc::kill(pid, signal) };
}

/// The processes whose environment holds `HOME=<home>`, with their command lines: what a target runs.
/// Zombies run nothing.
pub(crate) fn of_home(home: &Path) -> Vec<(i32, String)> {
    let wanted = format!("HOME={}", home.display());
    let processes = std::fs::read_dir("/proc").expect("Linux has /proc").flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(|pid| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
        let is_ours = environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes());
        let command = std::fs::read(format!("/proc/{pid}/cmdline")).ok().filter(|command| !command.is_empty())?;
        is_ours.then(|| (pid, String::from_utf8_lossy(&command).replace('\0', " ")))
    })
    .collect()
}
