//! The Dockerfile that `windlass init` writes: what the plugin `docker-build` would use, for keeps.

use super::CliError;
use std::fs;
use std::path::Path;
use windlass_build_kit::{Bases, BuildPlan, DEPTH, READ, Sources, plan as build_plan};

/// The file's name.
pub(super) const FILE: &str = "Dockerfile";
/// Directories of other people's files, and of files that are made.
const SKIPPED: [&str; 4] = [".git", "node_modules", "target", "vendor"];

/// Finds out what the app in a directory is.
///
/// # Errors
/// There is a Dockerfile, unless it is to be replaced; the app is of no known kind; a file cannot be read.
pub(super) fn plan(directory: &Path, replace: bool) -> Result<BuildPlan, CliError> {
    if directory.join(FILE).exists() && !replace {
        return Err(CliError::usage(format!("{FILE} is there already"), "keep it, or replace it with --force"));
    }
    let mut names = Vec::new();
    list(directory, "", DEPTH, &mut names).map_err(|error| CliError::file("read", directory, &error))?;
    let mut sources = Sources::new(names);
    for name in READ {
        let path = directory.join(name);
        if sources.has(name) {
            let text = fs::read_to_string(&path).map_err(|error| CliError::file("read", &path, &error))?;
            sources.add(*name, text);
        }
    }
    build_plan(&sources, &Bases::default()).map_err(|none| CliError::usage(none.message, none.hint))
}

/// The files of a directory, by their path below it.
fn list(directory: &Path, prefix: &str, depth: u32, names: &mut Vec<String>) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        if kind.is_file() {
            names.push(format!("{prefix}{name}"));
        } else if kind.is_dir() && depth > 1 && !SKIPPED.contains(&name.as_str()) {
            list(&entry.path(), &format!("{prefix}{name}/"), depth - 1, names)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_app_of_a_directory_is_found_out() {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in [("go.mod", "module shop\n"), ("cmd/shop/main.go", ""), ("node_modules/package.json", "{}")]
        {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let found = plan(directory.path(), false).unwrap();
        assert_eq!(found.because, "go.mod; the program is ./cmd/shop");

        fs::write(directory.path().join(FILE), "FROM x\n").unwrap();
        let error = plan(directory.path(), false).unwrap_err();
        assert_eq!(error.to_string(), "Dockerfile is there already");
        assert!(plan(directory.path(), true).is_ok());
    }
}
