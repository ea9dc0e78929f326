//! What a machine is and has.

use crate::config::Tool;
use std::cmp::Ordering;
use windlass_process_kit::report;
use windlass_sdk::Result;
use windlass_sdk::ssh::{self, Command, Output};

const SCRIPT: &str = include_str!("facts.sh");

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// What the system calls itself, such as `Debian GNU/Linux 12 (bookworm)`.
    pub(crate) system: String,
    /// As `uname -m` says it.
    pub(crate) architecture: String,
    /// Who Windlass connects as.
    pub(crate) user: String,
    pub(crate) root: Root,
    /// Whether that user is in the group `docker`.
    pub(crate) docker_group: bool,
    /// Whether systemd runs.
    pub(crate) systemd: bool,
    /// Whether Docker's engine listens at its usual socket.
    pub(crate) engine: bool,
    /// Whether packages are installed with apt.
    pub(crate) apt: bool,
    /// The version of the tool that is there, if any.
    pub(crate) version: Option<String>,
    /// Packages that apt could install, and in which version.
    pub(crate) candidates: Vec<(String, String)>,
}

/// How root's work is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Root {
    /// It cannot be done.
    #[default]
    No,
    /// The user is root.
    Own,
    /// With `sudo`, which asks for no password.
    Sudo,
}

impl Facts {
    /// Asks the machine what it is and which version of the tool it has.
    pub(crate) fn ask(target: &str, tool: Tool) -> Result<Self> {
        let name = format!("see what there is of {tool}");
        Ok(Self::of(&question(target, tool, "").named(name).run()?.success()?))
    }

    /// Asks also what apt could install, which takes it a second or two.
    pub(crate) fn with_candidates(target: &str, tool: Tool) -> Result<Self> {
        let name = format!("see which packages there are of {tool}");
        Ok(Self::of(&question(target, tool, &tool.packages().join(" ")).named(name).run()?.success()?))
    }

    /// Asks after it was installed; in a plan, it is there in the version that was expected.
    pub(crate) fn after(target: &str, tool: Tool, expected: &str) -> Result<Self> {
        let assumed = Output::ok(format!("version={expected}\nengine=yes\n"));
        let name = format!("see that {tool} is there");
        Ok(Self::of(&question(target, tool, "").named(name).assume(assumed).run()?.success()?))
    }

    fn of(output: &Output) -> Self {
        let mut found = report(output);
        let mut first =
            |key: &str| found.get_mut(key).and_then(|values| (!values.is_empty()).then(|| values.remove(0)));
        let root = match first("root").as_deref() {
            Some("self") => Root::Own,
            Some("sudo") => Root::Sudo,
            _ => Root::No,
        };
        Self {
            root,
            system: first("system").unwrap_or_default(),
            architecture: first("architecture").unwrap_or_default(),
            user: first("user").unwrap_or_default(),
            docker_group: first("docker_group").is_some(),
            systemd: first("systemd").is_some(),
            engine: first("engine").is_some(),
            apt: first("apt").is_some(),
            version: first("version").as_deref().and_then(version),
            candidates: found
                .remove("candidate")
                .unwrap_or_default()
                .iter()
                .filter_map(|line| candidate(line))
                .collect(),
        }
    }

    /// Whether the tool is there and new enough.
    pub(crate) fn enough(&self, tool: Tool) -> bool {
        self.version.as_deref().is_some_and(|version| at_least(version, tool.least()))
    }
}

fn question(target: &str, tool: Tool, packages: &str) -> Command {
    ssh::script(target, SCRIPT).env("TOOL", tool.as_str()).env("PACKAGES", packages).reads()
}

fn candidate(line: &str) -> Option<(String, String)> {
    let (package, found) = line.split_once(' ')?;
    Some((package.to_owned(), version(found)?))
}

/// The first version in a text: `v2.11.4 h1:…` has 2.11.4, `5:28.1.1-1~debian` has 28.1.1.
fn version(text: &str) -> Option<String> {
    let words = text.split(|character: char| !character.is_ascii_digit() && character != '.');
    words.map(|word| word.trim_matches('.')).find(|word| word.contains('.')).map(str::to_owned)
}

/// Whether a version is at least another, number by number.
pub(crate) fn at_least(version: &str, least: &str) -> bool {
    let numbers = |text: &str| text.split('.').map_while(|number| number.parse().ok()).collect::<Vec<u64>>();
    numbers(version).cmp(&numbers(least)) != Ordering::Less
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_and_compared_as_numbers() {
        for (text, least, enough) in [
            ("Docker version 20.10.24+dfsg1, build 297e128", "20.10", true),
            ("5:28.1.1-1~debian.12~bookworm", "20.10", true),
            ("2.6.2-5", "2.11", false),
            ("v2.11.4 h1:abc", "2.11", true),
        ] {
            assert_eq!(at_least(&version(text).unwrap(), least), enough, "{text}");
        }
        assert_eq!(version("(none)"), None);
    }
}
