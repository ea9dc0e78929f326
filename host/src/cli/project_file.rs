//! Finds and reads the project's `windlass.toml`. What it means is the server's business; the command
//! line needs its text, and the project's name for arguments that leave it out.

use super::CliError;
use std::path::{Path, PathBuf};

/// The file's name.
pub(super) const FILE_NAME: &str = "windlass.toml";

/// A project's configuration as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ProjectFile {
    pub path: PathBuf,
    pub text: String,
}

impl ProjectFile {
    /// The file that was given; else the first found from the working directory upward; else from the
    /// artifact's directory upward.
    pub(super) fn find(given: Option<&Path>, artifact: Option<&Path>) -> Result<Self, CliError> {
        if let Some(path) = given {
            return Self::read(path);
        }
        let here = std::env::current_dir().map_err(|error| CliError::file("find", Path::new("."), &error))?;
        let beside = artifact.and_then(|path| std::path::absolute(path).ok());
        for start in [Some(here.as_path()), beside.as_deref()].into_iter().flatten() {
            if let Some(path) = upward(start) {
                return Self::read(&path);
            }
        }
        Err(CliError::usage(
            format!("there is no {FILE_NAME} in {} or above it", here.display()),
            "write one with: windlass init, or pass --config FILE",
        ))
    }

    fn read(path: &Path) -> Result<Self, CliError> {
        let text = std::fs::read_to_string(path).map_err(|error| CliError::file("read", path, &error))?;
        Ok(Self { path: path.to_owned(), text })
    }

    /// The directory that it stands in.
    pub(super) fn directory(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        }
    }

    /// The project's name.
    pub(super) fn project(&self) -> Result<String, CliError> {
        let table: toml::Table = toml::from_str(&self.text).map_err(|error| {
            CliError::usage(format!("{}: {}", self.path.display(), error.to_string().trim_end()), "correct the file")
        })?;
        match table.get("project").and_then(toml::Value::as_str) {
            Some(name) => Ok(name.to_owned()),
            None => Err(CliError::usage(
                format!("{} does not name its project", self.path.display()),
                "begin it with a line such as: project = \"shop\"",
            )),
        }
    }
}

/// The name of the project that the working directory belongs to. `example` is a command that names one,
/// for where there is none: `logs shop`.
pub(super) fn current_project(example: &str) -> Result<String, CliError> {
    ProjectFile::find(None, None)
        .map_err(|_| {
            CliError::usage(
                format!("no project is named, and there is no {FILE_NAME} in this directory or above it"),
                format!("name it, as in: windlass {example}"),
            )
        })?
        .project()
}

fn upward(start: &Path) -> Option<PathBuf> {
    start.ancestors().map(|directory| directory.join(FILE_NAME)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_found_above_the_artifact() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("app/build/out")).unwrap();
        std::fs::write(dir.path().join("app/windlass.toml"), "project = \"shop\"").unwrap();
        let file = ProjectFile::find(None, Some(&dir.path().join("app/build/out"))).unwrap();
        assert_eq!(file.project().unwrap(), "shop");
        assert_eq!(file.directory(), dir.path().join("app"));
    }

    #[test]
    fn a_file_without_a_project_says_what_is_missing() {
        let file = ProjectFile { path: "windlass.toml".into(), text: "template = \"process@1\"".into() };
        let error = file.project().unwrap_err();
        assert_eq!(error.to_string(), "windlass.toml does not name its project");
        assert_eq!(file.directory(), Path::new("."));
    }

    #[test]
    fn broken_toml_is_shown_with_its_place() {
        let file = ProjectFile { path: "windlass.toml".into(), text: "project = ".into() };
        assert!(file.project().unwrap_err().to_string().starts_with("windlass.toml: TOML parse error at line 1"));
    }
}
