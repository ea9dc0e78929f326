//! How many tests passed, failed and could not run, read from what the runners report.

use std::{collections::BTreeSet, fmt, ops::AddAssign};

use anyhow::{Context, Result};

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) skipped: usize,
}

impl Counts {
    /// Reads the totals of a JUnit report, as nextest writes it.
    pub(super) fn of_junit(report: &str) -> Result<Self> {
        let (_, rest) = report.split_once("<testsuites ").context("the test report has no <testsuites>")?;
        let (attributes, _) = rest.split_once('>').context("the test report ends in the middle of <testsuites>")?;
        let number = |name: &str| -> Result<usize> {
            attributes
                .split_once(&format!("{name}=\""))
                .and_then(|(_, rest)| rest.split_once('"'))
                .and_then(|(number, _)| number.parse().ok())
                .with_context(|| format!("the test report does not say how many {name}"))
        };
        let failed = number("failures")? + number("errors")?;
        Ok(Self { passed: number("tests")?.saturating_sub(failed), failed, skipped: 0 })
    }

    /// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; …`, the last line of a libtest program.
    pub(super) fn of_result_line(line: &str) -> Option<Self> {
        let counts = line.trim().strip_prefix("test result: ")?;
        let (_, counts) = counts.split_once(". ")?;
        let number = |word: &str| {
            counts.split(';').find_map(|part| {
                let (number, name) = part.trim().split_once(' ')?;
                (name == word).then(|| number.parse().ok())?
            })
        };
        Some(Self { passed: number("passed")?, failed: number("failed")?, skipped: number("ignored")? })
    }

    pub(super) fn total(self) -> usize {
        self.passed + self.failed + self.skipped
    }

    /// A test that says it could not run has passed as far as its runner knows.
    pub(super) fn move_to_skipped(&mut self, lines: &BTreeSet<String>) {
        let tests: BTreeSet<_> = lines.iter().map(|line| name(line)).collect();
        let moved = tests.len().min(self.passed);
        self.passed -= moved;
        self.skipped += moved;
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, skipped } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

/// The lines that tests left about themselves, each once.
pub(super) fn skipped(file: &str) -> BTreeSet<String> {
    file.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn name(line: &str) -> &str {
    let word = line.split_whitespace().next().unwrap_or(line);
    word.trim_end_matches(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_junit_report() {
        let report = "<?xml version=\"1.0\"?>\n\
            <testsuites name=\"nextest-run\" tests=\"7\" failures=\"2\" errors=\"1\" time=\"0.1\">\n\
            <testsuite name=\"a\" tests=\"100\" failures=\"0\" errors=\"0\">";
        let counts = Counts::of_junit(report).unwrap();
        assert_eq!(counts.to_string(), "4 passed, 3 failed, 0 skipped");
    }

    #[test]
    fn a_report_that_was_cut_off_is_an_error() {
        let error = Counts::of_junit("<testsuites tests=\"7\"").unwrap_err();
        assert!(error.to_string().contains("ends in the middle"));
        let error = Counts::of_junit("<testsuites tests=\"7\">").unwrap_err();
        assert!(error.to_string().contains("how many failures"));
    }

    #[test]
    fn reads_the_last_line_of_a_test_program() {
        let line = "test result: FAILED. 12 passed; 1 failed; 2 ignored; 0 measured; \
            3 filtered out; finished in 0.01s";
        let counts = Counts::of_result_line(line).unwrap();
        assert_eq!(counts.to_string(), "12 passed, 1 failed, 2 skipped");
        assert_eq!(counts.total(), 15);
    }

    #[test]
    fn other_lines_are_no_results() {
        for line in ["test result: unclear", "test a ... ok", "12 passed; 1 failed"] {
            assert_eq!(Counts::of_result_line(line), None, "{line}");
        }
    }

    #[test]
    fn a_test_that_could_not_run_counts_as_skipped_once() {
        let mut counts = Counts { passed: 10, failed: 1, skipped: 0 };
        let lines = skipped(
            "store::postgres: no PostgreSQL\n\nstore::postgres: no PostgreSQL\n\
             store::postgres no user to run it as\nbrowser::page no chromium\n",
        );
        assert_eq!(lines.len(), 3);
        counts.move_to_skipped(&lines);
        assert_eq!(counts.to_string(), "8 passed, 1 failed, 2 skipped");
    }
}
