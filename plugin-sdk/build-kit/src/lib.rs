//! How sources without a Dockerfile become an image: what kind of app they are, why it looks like that, and the
//! Dockerfile for it. Pure functions of the sources' file names and a few of their texts, shared by the plugin
//! `docker-build`, which uses the Dockerfile once, and `windlass init`, which writes it for keeps.

mod bases;
mod cargo;
mod command;
mod go;
mod node;
mod procfile;
mod python;
mod site;
mod sources;

pub use bases::Bases;
pub use sources::{DEPTH, READ, Sources};

use std::fmt;

/// The port that an app listens on where nothing else is said.
pub const PORT: u16 = 3000;

/// What must not get into an image's build, whatever the app is.
pub const IGNORE: &str = "Dockerfile*\n.dockerignore\nwindlass.toml\n.git\n.gitignore\n.env\n.env.*\nnode_modules\ntarget\n__pycache__\n.venv\nvenv\n*.log\n";

/// How an image is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildPlan {
    /// What the app is.
    pub kind: Kind,
    /// Why it looks like that, such as "package.json, and package-lock.json".
    pub because: String,
    /// What runs in the container.
    pub start: String,
    /// The text of the Dockerfile.
    pub dockerfile: String,
}

/// What an app is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Node,
    Python,
    Go,
    Rust,
    /// Files that are served as they are.
    Static,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Node => "a Node app",
            Self::Python => "a Python app",
            Self::Go => "a Go program",
            Self::Rust => "a Rust program",
            Self::Static => "a static site",
        })
    }
}

/// Why there is no build plan, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPlan {
    /// One sentence.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

impl NoPlan {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

impl fmt::Display for NoPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.hint)
    }
}

impl std::error::Error for NoPlan {}

/// Finds out what the sources are, and writes the Dockerfile for them. Languages come before pages: an app may
/// well have an `index.html`.
///
/// # Errors
/// The sources are of no known kind, or they do not say how they are started.
pub fn plan(sources: &Sources, bases: &Bases) -> Result<BuildPlan, NoPlan> {
    for detect in [node::plan, go::plan, cargo::plan, python::plan, site::plan] {
        if let Some(plan) = detect(sources, bases)? {
            return Ok(plan);
        }
    }
    let seen = sources.top_level();
    let seen = if seen.is_empty() { "nothing is there".to_owned() } else { format!("there is: {}", seen.join(", ")) };
    Err(NoPlan::new(
        format!("there is no Dockerfile, and nothing that says what the app is ({seen})"),
        "add a Dockerfile, or one of: package.json, go.mod, Cargo.toml, requirements.txt, pyproject.toml, index.html",
    ))
}

#[cfg(test)]
mod tests;
