//! A test that cannot run on this machine says so, loudly, and in a file for whoever sums the run up.

use std::io::Write;

/// Names the file that gets a line for each test that could not run: its name, a space, the reason.
const SKIPPED_FILE: &str = "WINDLASS_SKIPPED_FILE";

/// Why a test cannot run here, and what to install.
#[derive(Debug)]
pub(crate) struct Missing(pub(crate) String);

/// Says that a test did not run.
pub(crate) fn skipped(test: &str, missing: &Missing) {
    let line = format!("{test} {}", missing.0);
    eprintln!("SKIPPED: {line}");
    if let Some(path) = std::env::var_os(SKIPPED_FILE) {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        let written = file.and_then(|mut file| writeln!(file, "{line}"));
        written.expect("WINDLASS_SKIPPED_FILE names a file that can be written");
    }
}
