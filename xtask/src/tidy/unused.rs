//! Dependencies that no file of the crate names.
//!
//! A dependency that is needed without being named (for a feature it switches on) is listed, with
//! its reason in a comment, in the crate's manifest:
//!
//! ```toml
//! [package.metadata.tidy]
//! needed-unnamed = ["rustls"]
//! ```

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::{
    Finding,
    manifests::{dependencies, manifests},
    repository::Repository,
};

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, manifest) in manifests(repository) {
        // What is no TOML is a finding of another rule.
        let Ok(manifest) = manifest else { continue };
        let directory = path.trim_end_matches("Cargo.toml");
        let named = words_in(repository, directory);
        let excused = excused(&manifest);
        for (name, _) in dependencies(&manifest) {
            let word = name.replace('-', "_");
            if !named.contains(word.as_str()) && !excused.contains(name) {
                let message =
                    format!("`{name}` is not used: remove it, or list it in [package.metadata.tidy] needed-unnamed");
                findings.push(Finding::new(path, 0, message));
            }
        }
    }
    findings
}

/// Every identifier in the Rust files below a crate's directory.
fn words_in<'a>(repository: &'a Repository, directory: &'a str) -> BTreeSet<&'a str> {
    let files = repository.rust().filter(|(file, _)| file.path.starts_with(directory));
    files.flat_map(|(file, _)| file.tokens.iter().filter_map(|token| token.word())).collect()
}

fn excused(manifest: &Table) -> BTreeSet<&str> {
    let list = manifest
        .get("package")
        .and_then(|package| package.get("metadata")?.get("tidy")?.get("needed-unnamed")?.as_array());
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::tidy::repository::findings;

    #[test]
    fn what_no_file_names_is_found() {
        let files = [
            (
                "a/Cargo.toml",
                "[dependencies]\nserde-json.workspace = true\ntokio.workspace = true\nlibc.workspace = true",
            ),
            ("a/src/lib.rs", "use serde_json::Value; // tokio, \"libc\""),
            ("b/src/lib.rs", "use tokio::net;"),
        ];
        expect![[r#"
            a/Cargo.toml: `libc` is not used: remove it, or list it in [package.metadata.tidy] needed-unnamed
            a/Cargo.toml: `tokio` is not used: remove it, or list it in [package.metadata.tidy] needed-unnamed"#]]
        .assert_eq(&findings(check, &files));
    }

    #[test]
    fn what_is_needed_unnamed_can_be_listed() {
        let manifest = "[package.metadata.tidy]\nneeded-unnamed = [\"tokio\"]\n[dependencies]\ntokio.workspace = true";
        assert_eq!(findings(check, &[("a/Cargo.toml", manifest)]), "");
    }
}
