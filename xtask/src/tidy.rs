//! `cargo xtask tidy`: the house rules that a machine can check, by reading the repository's files.
//! Each rule is a pure function from the files to findings.

mod direction;
mod functions;
mod manifests;
mod migrations;
mod repository;
mod sizes;
mod style;
mod tokens;
mod unused;
mod words;

use std::fmt;

use anyhow::{Result, bail};

use self::repository::Repository;
use crate::{step::step, workspace::Workspace};

/// One place that breaks one rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    /// From 1; 0 where the whole file is meant.
    line: usize,
    message: String,
}

impl Finding {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.message),
            line => write!(f, "{}:{line}: {}", self.path, self.message),
        }
    }
}

type Rule = fn(&Repository) -> Vec<Finding>;

const RULES: [Rule; 8] = [
    direction::check,
    sizes::check,
    functions::check,
    style::check,
    manifests::check,
    unused::check,
    migrations::check,
    words::check,
];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    step("tidy", "the house rules, by reading the files", || rules(workspace))
}

/// Prints every finding and what the files look like; any finding is an error.
pub(crate) fn rules(workspace: &Workspace) -> Result<()> {
    let repository = Repository::load(workspace)?;
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&repository)).collect();
    findings.sort();
    for finding in &findings {
        println!("    {finding}");
    }
    println!("    {}", sizes::summary(&repository));
    println!("    {}", functions::summary(&repository));
    match findings.len() {
        0 => Ok(()),
        count => bail!("{count} places break a house rule; each line above says where and what"),
    }
}
