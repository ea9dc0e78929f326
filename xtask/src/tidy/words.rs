//! Words that no file may contain: host names of package registries (which registry a machine asks
//! is that machine's setting), and directories of somebody's machine.

use std::path::Path;

use super::{Finding, repository::Repository};

/// Host names in two parts, so that this file does not contain them.
const REGISTRIES: [(&str, &str); 9] = [
    ("crates", "io"),
    ("static.rust-lang", "org"),
    ("rustup", "rs"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("deb.debian", "org"),
    ("proxy.golang", "org"),
];

/// Places where programs are installed: documentation may name them.
const PUBLIC: [&str; 6] = ["/etc", "/opt", "/srv", "/tmp", "/usr", "/var"];

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let registries: Vec<String> = REGISTRIES.iter().map(|(name, domain)| format!("{name}.{domain}")).collect();
    let mut findings = Vec::new();
    for file in &repository.files {
        // Written by cargo, which names its registry in it.
        if file.path.ends_with("Cargo.lock") {
            continue;
        }
        let Some(text) = &file.text else { continue };
        for (index, line) in text.lines().enumerate() {
            let mut find = |message: String| {
                findings.push(Finding::new(&file.path, index + 1, message));
            };
            if let Some(host) = registries.iter().find(|host| contains(line, host)) {
                find(format!("`{host}` is the host of a package registry; do without naming it"));
            }
            if let Some(path) = repository.private_paths.iter().find(|path| contains(line, path)) {
                find(format!("`{path}` is a directory of one machine; use a relative path"));
            }
        }
    }
    findings
}

/// Whether `word` stands in `line`, not as a part of a longer name.
fn contains(line: &str, word: &str) -> bool {
    let is_name = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_');
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        !before.is_some_and(is_name) && !after.is_some_and(is_name)
    })
}

/// The checkout's own directory and the person's home, unless they are places that anyone has.
pub(super) fn private_paths(root: &Path) -> Vec<String> {
    let home = std::env::var("HOME").unwrap_or_default();
    let homes = ["cargo", "rustup"].map(|tool| format!("{home}/.{tool}"));
    let paths = [root.to_string_lossy().into_owned()].into_iter().chain(homes);
    paths.filter(|path| is_private(path)).collect()
}

fn is_private(path: &str) -> bool {
    // One directory below the root, such as a container's `/app`, is a name that anyone may use.
    path.starts_with('/')
        && path.split('/').filter(|part| !part.is_empty()).count() >= 2
        && !PUBLIC.iter().any(|public| Path::new(path).starts_with(public))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::repository::findings;

    #[test]
    fn hosts_of_registries_are_found() {
        let line = |(name, domain)| format!("see https://{name}.{domain}/x");
        for registry in REGISTRIES {
            let found = findings(check, &[("README.md", &line(registry))]);
            assert!(found.contains("is the host of a package registry"), "{registry:?}");
        }
        let lock = line(REGISTRIES[0]);
        assert_eq!(findings(check, &[("Cargo.lock", &lock)]), "");
        assert_eq!(findings(check, &[("a.rs", "use crates::io;")]), "");
    }

    #[test]
    fn directories_of_this_machine_are_found_as_whole_names() {
        let mut repository = Repository::of(&[("a.md", "in /home/ann/windlass/host\n/home/ann/windlass2")]);
        repository.private_paths = vec!["/home/ann/windlass".into()];
        let found = check(&repository);
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].to_string(),
            "a.md:1: `/home/ann/windlass` is a directory of one machine; use a relative path"
        );
    }

    #[test]
    fn places_that_anyone_has_are_not_private() {
        assert!(is_private("/home/ann/windlass"));
        assert!(is_private("/home/ann/.cargo"));
        for public in ["/app", "/opt/windlass", "/usr/src/windlass", "relative/path"] {
            assert!(!is_private(public), "{public}");
        }
    }
}
