//! Versions of dependencies stand in one place: `[workspace.dependencies]`.

use toml::{Table, Value};

use super::{Finding, repository::Repository};

const ROOT: &str = "Cargo.toml";
const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, manifest) in manifests(repository) {
        let Ok(manifest) = manifest else {
            findings.push(Finding::new(path, 0, "it is no TOML"));
            continue;
        };
        for (name, value) in dependencies(&manifest) {
            if !is_inherited(value) && !is_crate_of_the_workspace(value) {
                let message = format!("`{name}` must be `{name}.workspace = true`, its version stands in {ROOT}");
                findings.push(Finding::new(path, 0, message));
            }
        }
    }
    findings
}

/// The manifests of the crates, without the workspace's own.
pub(super) fn manifests(repository: &Repository) -> Vec<(&str, Result<Table, toml::de::Error>)> {
    let files = repository.with_extension(&["toml"]);
    let crates = files.filter(|(file, _)| file.path.ends_with("/Cargo.toml"));
    crates.map(|(file, text)| (file.path.as_str(), text.parse())).collect()
}

/// Every dependency of a crate, those of particular targets included.
pub(super) fn dependencies(manifest: &Table) -> Vec<(&str, &Value)> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = targets.into_iter().flat_map(|targets| targets.values()).filter_map(Value::as_table).chain([manifest]);
    let mut found = Vec::new();
    for table in tables {
        for kind in KINDS {
            let list = table.get(kind).and_then(Value::as_table).into_iter().flatten();
            found.extend(list.map(|(name, value)| (name.as_str(), value)));
        }
    }
    found
}

fn is_inherited(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

/// A path without a version names no version.
fn is_crate_of_the_workspace(value: &Value) -> bool {
    value.get("path").is_some() && value.get("version").is_none()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::tidy::repository::findings;

    #[test]
    fn a_version_in_a_crate_is_found_wherever_it_stands() {
        let text = "
            [dependencies]
            good.workspace = true
            also = { workspace = true, features = [\"x\"] }
            bad = \"1\"
            [dev-dependencies]
            local = { path = \"../local\" }
            worse = { path = \"../worse\", version = \"1\" }
            [target.'cfg(unix)'.build-dependencies]
            worst = { version = \"1\" }
        ";
        let files = [("Cargo.toml", "[workspace.dependencies]\na = \"1\""), ("a/Cargo.toml", text)];
        expect![[r#"
            a/Cargo.toml: `bad` must be `bad.workspace = true`, its version stands in Cargo.toml
            a/Cargo.toml: `worse` must be `worse.workspace = true`, its version stands in Cargo.toml
            a/Cargo.toml: `worst` must be `worst.workspace = true`, its version stands in Cargo.toml"#]]
        .assert_eq(&findings(check, &files));
    }

    #[test]
    fn a_manifest_that_is_no_toml_is_found() {
        assert_eq!(findings(check, &[("a/Cargo.toml", "[")]), "a/Cargo.toml: it is no TOML");
    }
}
