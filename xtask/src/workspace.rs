//! Where things are in a checkout, and which crates it holds.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::Deserialize;

/// The web UI, compiled for the browser.
pub(crate) const WEB: &str = "windlass-web";
/// The directory of the SDK and of the crates that belong to it.
const SDK: &str = "plugin-sdk";
/// The directory of the plugins that only tests run.
pub(crate) const FIXTURES: &str = "tests/fixtures";
const XTASK: &str = "xtask";

/// A checkout of the repository.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

/// One crate of the workspace, as far as the build cares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// Directory name, e.g. `run`: what the built thing is called.
    pub(crate) directory: String,
    /// Cargo's package name, e.g. `windlass-plugin-run`.
    pub(crate) name: String,
}

/// Crates that are compiled together. Cargo chooses the features of shared dependencies for all
/// crates that it is asked for at once, so each group is always asked for as a whole: with another
/// selection the same dependencies, wasmtime among them, would be compiled again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// The server, its tests, and whatever is in no other group.
    Host,
    /// The SDK and the default plugins, compiled for this machine.
    Plugins,
    /// This program.
    Xtask,
}

impl Group {
    pub(crate) const ALL: [Self; 3] = [Self::Host, Self::Plugins, Self::Xtask];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Plugins => "plugins",
            Self::Xtask => "xtask",
        }
    }
}

impl Workspace {
    /// The checkout that cargo runs this xtask for. Where cargo does not say, the one it was compiled
    /// in, which is another one where checkouts share a target directory.
    pub(crate) fn locate() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let manifest = PathBuf::from(manifest);
        let root = manifest.parent().context("xtask is not inside a workspace")?;
        // Cargo resolves a relative CARGO_TARGET_DIR against the caller's directory; so must we.
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(directory) => std::path::absolute(directory)?,
            None => root.join("target"),
        };
        Ok(Self { root: root.to_path_buf(), target })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// What the host embeds, and nothing else.
    pub(crate) fn dist(&self, part: &str) -> PathBuf {
        self.root.join("dist").join(part)
    }

    /// Cargo's target directory.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Where xtask keeps its own notes, created on demand.
    pub(crate) fn notes(&self) -> Result<PathBuf> {
        let directory = self.target.join("xtask");
        fs::create_dir_all(&directory).with_context(|| format!("could not create {}", directory.display()))?;
        Ok(directory)
    }

    /// Cargo's arguments that select the crates of a group.
    pub(crate) fn select(&self, group: Group) -> Result<Vec<String>> {
        let plugins = [self.packages_in("plugins")?, self.packages_in(FIXTURES)?, self.packages_in(SDK)?].concat();
        let plugins = plugins.into_iter().map(|package| package.name);
        let plugins: Vec<String> = plugins.chain([package_name(&self.path(SDK).join("Cargo.toml"))?]).collect();
        let each = |option: &str, names: Vec<String>| -> Vec<String> {
            names.into_iter().flat_map(|name| [option.to_owned(), name]).collect()
        };
        Ok(match group {
            Group::Host => {
                let others = plugins.into_iter().chain([WEB, XTASK].map(str::to_owned));
                let mut arguments = each("--exclude", others.collect());
                arguments.insert(0, "--workspace".to_owned());
                arguments
            }
            Group::Plugins => each("--package", plugins),
            Group::Xtask => each("--package", vec![XTASK.to_owned()]),
        })
    }

    /// The crates directly under a directory of the workspace, sorted by directory name.
    pub(crate) fn packages_in(&self, parent: &str) -> Result<Vec<Package>> {
        let parent = self.path(parent);
        if !parent.is_dir() {
            return Ok(Vec::new());
        }
        let mut packages = Vec::new();
        for entry in fs::read_dir(&parent)? {
            let entry = entry?;
            let manifest = entry.path().join("Cargo.toml");
            if !manifest.is_file() {
                continue;
            }
            packages.push(Package {
                directory: entry.file_name().to_string_lossy().into_owned(),
                name: package_name(&manifest)?,
            });
        }
        packages.sort_by(|a, b| a.directory.cmp(&b.directory));
        Ok(packages)
    }
}

fn package_name(manifest: &Path) -> Result<String> {
    #[derive(Deserialize)]
    struct Manifest {
        package: Section,
    }
    #[derive(Deserialize)]
    struct Section {
        name: String,
    }
    let text = fs::read_to_string(manifest).with_context(|| format!("could not read {}", manifest.display()))?;
    let manifest: Manifest =
        toml::from_str(&text).with_context(|| format!("{} names no package", manifest.display()))?;
    Ok(manifest.package.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_plugins_of_this_checkout() {
        let workspace = Workspace::locate().expect("the tests run in a checkout");
        let plugins = workspace.packages_in("plugins").expect("plugins are there");
        assert!(plugins.contains(&Package { directory: "run".into(), name: "windlass-plugin-run".into() }));
    }

    #[test]
    fn no_crate_is_in_two_groups() {
        let workspace = Workspace::locate().expect("the tests run in a checkout");
        let host = workspace.select(Group::Host).unwrap();
        for group in [Group::Plugins, Group::Xtask] {
            let selected = workspace.select(group).unwrap();
            for name in selected.iter().filter(|argument| *argument != "--package") {
                let excluded = host.windows(2).any(|pair| pair[0] == "--exclude" && pair[1] == *name);
                assert!(excluded, "{name} of {}", group.name());
            }
        }
    }

    #[test]
    fn a_directory_that_is_not_there_holds_no_packages() {
        let workspace = Workspace::locate().expect("the tests run in a checkout");
        assert_eq!(workspace.packages_in("no-such-directory").unwrap(), []);
    }
}
