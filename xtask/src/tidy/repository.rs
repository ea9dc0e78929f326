//! The files of the repository, read once: what git tracks or would track.

use std::{fs, process::Command};

use anyhow::{Context, Result};

use super::tokens::Token;
use crate::{process, workspace::Workspace};

/// All files, sorted by path.
pub(super) struct Repository {
    pub(super) files: Vec<File>,
    /// Directories of this machine that no file may name.
    pub(super) private_paths: Vec<String>,
}

pub(super) struct File {
    /// Relative to the root, with `/` between the parts.
    pub(super) path: String,
    /// None where the file is no UTF-8 text.
    pub(super) text: Option<String>,
    /// Of Rust files that parse.
    pub(super) tokens: Vec<Token>,
}

impl Repository {
    pub(super) fn load(workspace: &Workspace) -> Result<Self> {
        let mut git = Command::new("git");
        git.current_dir(workspace.root()).args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
        let list = process::read(&mut git).context("tidy asks git which files there are")?;
        let mut files = Vec::new();
        for path in list.split('\0').filter(|path| !path.is_empty()) {
            // Listed but deleted in the work tree: nothing to judge.
            if let Ok(bytes) = fs::read(workspace.path(path)) {
                files.push(File::new(path, bytes)?);
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files, private_paths: super::words::private_paths(workspace.root()) })
    }

    /// Text files with one of these extensions.
    pub(super) fn with_extension<'a>(&'a self, extensions: &'a [&str]) -> impl Iterator<Item = (&'a File, &'a str)> {
        self.files.iter().filter_map(move |file| {
            let extension = file.path.rsplit_once('.')?.1;
            let text = file.text.as_deref()?;
            extensions.contains(&extension).then_some((file, text))
        })
    }

    pub(super) fn rust(&self) -> impl Iterator<Item = (&File, &str)> {
        self.with_extension(&["rs"])
    }
}

impl File {
    fn new(path: &str, bytes: Vec<u8>) -> Result<Self> {
        let text = String::from_utf8(bytes).ok();
        let tokens = match &text {
            Some(text) if path.ends_with(".rs") => {
                super::tokens::read(text).with_context(|| format!("could not read {path} as Rust"))?
            }
            _ => Vec::new(),
        };
        Ok(Self { path: path.to_owned(), text, tokens })
    }
}

#[cfg(test)]
impl Repository {
    /// A repository of these files only.
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(path, text)| File::new(path, text.as_bytes().to_vec()).expect("the test's Rust is Rust"));
        Self { files: files.collect(), private_paths: Vec::new() }
    }
}

/// What a rule says about these files, one finding a line, sorted.
#[cfg(test)]
pub(super) fn findings(rule: super::Rule, files: &[(&str, &str)]) -> String {
    let mut found = rule(&Repository::of(files));
    found.sort();
    let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
