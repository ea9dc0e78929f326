//! Programs that some tests start and not every machine has, or has new enough.

use super::skip::Missing;
use std::cmp::Ordering;
use std::path::PathBuf;
use std::process::Command;

/// A program, and from which version on it does what a test needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// Its upstream may be read from a file, for each request.
    Caddy,
    Haproxy,
    /// Docker's command with the plugin `compose`.
    Compose,
}

/// What one is, and where it is from.
struct Needs {
    /// The program and the words that ask it for its version.
    version: &'static [&'static str],
    least: &'static str,
    install: &'static str,
}

impl Program {
    fn needs(self) -> Needs {
        match self {
            Self::Caddy => Needs { version: &["caddy", "version"], least: "2.11", install: "run `.ci/later-packages`" },
            Self::Haproxy => Needs { version: &["haproxy", "-v"], least: "2.4", install: "install `haproxy`" },
            Self::Compose => Needs {
                version: &["docker", "compose", "version", "--short"],
                least: "2.0",
                install: "install `docker.io` and run `.ci/later-packages`",
            },
        }
    }

    /// Where it is; else what is missing on this machine.
    pub(crate) fn find(self) -> Result<PathBuf, Missing> {
        let Needs { version, least, install } = self.needs();
        let missing =
            |found: &str| Missing(format!("needs {} {least} or newer, {found}: {install}", version.join(" ")));
        let program = in_path(version[0]).ok_or_else(|| missing("there is none"))?;
        let output =
            Command::new(&program).args(&version[1..]).output().map_err(|error| missing(&error.to_string()))?;
        let said = String::from_utf8_lossy(&output.stdout);
        match version_in(&said) {
            Some(found) if compare(&found, least).is_ge() => Ok(program),
            Some(found) => Err(missing(&format!("this is {found}"))),
            None => Err(missing("it does not tell its version")),
        }
    }
}

/// A program of the search path, or of where the system's own programs are.
fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories = std::env::split_paths(&path).chain(["/usr/local/bin".into(), "/usr/sbin".into()]);
    directories.map(|directory| directory.join(name)).find(|file| file.is_file())
}

/// The first version in a text: `v2.11.4-1 h1:…` has 2.11.4.
fn version_in(text: &str) -> Option<String> {
    let words = text.split(|character: char| !character.is_ascii_digit() && character != '.');
    words.map(|word| word.trim_matches('.')).find(|word| word.contains('.')).map(str::to_owned)
}

fn compare(one: &str, other: &str) -> Ordering {
    let numbers = |text: &str| text.split('.').map_while(|number| number.parse().ok()).collect::<Vec<u32>>();
    numbers(one).cmp(&numbers(other))
}

#[test]
fn versions_are_compared_as_numbers() {
    for (said, least, enough) in [
        ("v2.11.4-1 h1:abc", "2.11", true),
        ("2.6.2", "2.11", false),
        ("HAProxy version 2.6.12-1+deb12u4 2026/01/10", "2.4", true),
        ("Docker Compose version v2.26.1", "2.0", true),
    ] {
        assert_eq!(compare(&version_in(said).unwrap(), least).is_ge(), enough, "{said}");
    }
    assert_eq!(version_in("no version"), None);
}
