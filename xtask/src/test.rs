//! `cargo xtask test`: build, run all tests, and end with one line of counts.

mod count;

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, ErrorKind, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail};
use clap::Args;

use self::count::{Counts, skipped};
use crate::{
    build::{self, Profile},
    process::{self, cargo},
    step::{Elapsed, step},
    workspace::{Group, WEB, Workspace},
};

/// Names the file to which a test that cannot run on this machine appends a line: its name, a
/// space, the reason.
const SKIPPED_FILE: &str = "WINDLASS_SKIPPED_FILE";

#[derive(Args)]
pub(crate) struct Options {
    /// Run only tests whose name contains one of these
    filters: Vec<String>,
    /// Build the web UI quickly instead of small (seconds instead of minutes)
    #[arg(long)]
    dev_web: bool,
}

/// One invocation of a test runner.
struct Suite<'a> {
    workspace: &'a Workspace,
    filters: &'a [String],
    skipped: &'a Path,
    /// Whether nextest is installed.
    nextest: bool,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    build::run(workspace, build::Options::new(Profile::Dev, options.dev_web))?;
    let started = Instant::now();
    let notes = workspace.notes()?;
    let skipped_file = notes.join("skipped-tests");
    fs::write(&skipped_file, "").context("could not empty the list of skipped tests")?;
    let nextest = process::answers(cargo(workspace).args(["nextest", "--version"]))?;
    let suite = Suite { workspace, filters: &options.filters, skipped: &skipped_file, nextest };

    let counts = run_all(&suite)?;
    if counts.total() == 0 && !options.filters.is_empty() {
        bail!("no test has a name that contains {}", options.filters.join(" or "));
    }
    let skipped = skipped(&fs::read_to_string(&skipped_file)?);
    Ok(close(counts, &skipped, started))
}

fn run_all(suite: &Suite) -> Result<Counts> {
    let mut counts = Counts::default();
    for group in Group::ALL {
        let selection = suite.workspace.select(group)?;
        counts += step(&format!("{} tests", group.name()), "compiled and run", || suite.run(&selection))?;
        // nextest does not know documentation tests; a filter means particular tests; and xtask is
        // no library.
        if suite.nextest && suite.filters.is_empty() && group != Group::Xtask {
            let name = format!("{} documentation tests", group.name());
            let selection = [selection, vec!["--doc".to_owned()]].concat();
            counts += step(&name, "the examples in the docs", || suite.by_cargo(&selection))?;
        }
    }
    if suite.workspace.path("web/src/lib.rs").is_file() {
        let selection = ["--package", WEB, "--lib"].map(str::to_owned);
        let why = "its pure modules, compiled for this machine";
        counts += step("web UI tests", why, || suite.run(&selection))?;
    }
    Ok(counts)
}

/// Prints what could not run, and the closing line; the exit code says whether all is well.
fn close(mut counts: Counts, skipped: &BTreeSet<String>, started: Instant) -> ExitCode {
    counts.move_to_skipped(skipped);
    println!("\ntests took {}", Elapsed(started.elapsed()));
    if !skipped.is_empty() {
        println!("could not run here:");
        for line in skipped {
            println!("  {line}");
        }
    }
    println!("{counts}");
    match counts.failed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

impl Suite<'_> {
    fn run(&self, selection: &[String]) -> Result<Counts> {
        match self.nextest {
            true => self.by_nextest(selection),
            false => self.by_cargo(selection),
        }
    }

    /// nextest, counted by the report that .config/nextest.toml makes it write.
    fn by_nextest(&self, selection: &[String]) -> Result<Counts> {
        let report = self.workspace.target().join("nextest/default/junit.xml");
        remove(&report)?;
        let mut command = self.cargo();
        command
            .args(["nextest", "run", "--profile", "default", "--no-fail-fast"])
            .args(["--no-tests", "pass"])
            .args(selection)
            .arg("--")
            .args(self.filters);
        let status = command.status().context("could not start cargo nextest")?;
        match fs::read_to_string(&report) {
            Ok(report) => Counts::of_junit(&report),
            // Without any test there is no report, and no failure.
            Err(error) if error.kind() == ErrorKind::NotFound && status.success() => Ok(Counts::default()),
            Err(_) => bail!("the tests do not compile or do not start; see above"),
        }
    }

    /// `cargo test`, counted by the line that each test program ends with.
    fn by_cargo(&self, selection: &[String]) -> Result<Counts> {
        let mut command = self.cargo();
        command.args(["test", "--no-fail-fast"]).args(selection).arg("--").args(self.filters).stdout(Stdio::piped());
        let mut child = command.spawn().context("could not start cargo test")?;
        let output = child.stdout.take().context("cargo test has no output")?;
        let mut counts = Counts::default();
        let mut programs = 0;
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            std::io::stdout().write_all(&line)?;
            println!();
            if let Some(program) = Counts::of_result_line(&String::from_utf8_lossy(&line)) {
                counts += program;
                programs += 1;
            }
        }
        let status = child.wait()?;
        if !status.success() && counts.failed == 0 {
            if programs == 0 {
                bail!("the tests do not compile or do not start; see above");
            }
            println!("a test program died without a result; see above");
            counts.failed = 1;
        }
        Ok(counts)
    }

    fn cargo(&self) -> Command {
        let mut command = cargo(self.workspace);
        command.env(SKIPPED_FILE, self.skipped);
        command
    }
}

fn remove(path: &PathBuf) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("could not remove {}", path.display()))
        }
        _ => Ok(()),
    }
}
