//! Small files with one purpose.

use super::{
    Finding,
    repository::{File, Repository},
};

/// Lines that a file may have, by extension. Style sheets are lists, and lists may be longer.
const CAPS: [(&str, usize); 4] = [("rs", 400), ("wit", 400), ("sql", 400), ("css", 700)];

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (extension, cap) in CAPS {
        for (File { path, .. }, text) in repository.with_extension(&[extension]) {
            let lines = text.lines().count();
            if lines > cap {
                let message = format!("{lines} lines, more than {cap}: split it by purpose");
                findings.push(Finding::new(path, 0, message));
            }
        }
    }
    findings
}

/// How long the Rust files are.
pub(super) fn summary(repository: &Repository) -> String {
    let mut lines: Vec<usize> = repository.rust().map(|(_, text)| text.lines().count()).collect();
    lines.sort_unstable();
    let median = lines.get(lines.len() / 2).copied().unwrap_or(0);
    let longest = lines.last().copied().unwrap_or(0);
    format!("{} Rust files, median {median} lines, longest {longest}", lines.len())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::tidy::repository::findings;

    #[test]
    fn a_file_may_have_its_cap_and_no_line_more() {
        let (full, over) = ("a\n".repeat(400), "a\n".repeat(401));
        let files = [("a.rs", full.as_str()), ("b.sql", &over), ("c.css", &over), ("d.md", &over)];
        expect!["b.sql: 401 lines, more than 400: split it by purpose"].assert_eq(&findings(check, &files));
    }

    #[test]
    fn the_summary_tells_the_median() {
        let repository = Repository::of(&[("a.rs", "\n"), ("b.rs", "\n\n\n"), ("c.rs", "\n\n")]);
        assert_eq!(summary(&repository), "3 Rust files, median 2 lines, longest 3");
    }
}
