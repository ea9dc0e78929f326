//! The part of `deny.toml` that is understood without cargo-deny, and the judgment by it.

use serde::Deserialize;
use spdx::{Expression, LicenseReq, ParseMode};

/// `deny.toml`: keys and meaning are cargo-deny's.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Policy {
    pub(super) graph: Graph,
    licenses: Licenses,
    #[serde(default)]
    bans: Bans,
    #[serde(default)]
    sources: Sources,
}

#[derive(Deserialize)]
pub(super) struct Graph {
    /// Target triples whose dependencies count.
    pub(super) targets: Vec<String>,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// Licenses allowed for one crate only.
#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

#[derive(Deserialize, Default)]
struct Bans {
    #[serde(default)]
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    #[serde(default)]
    allow_git: Vec<String>,
}

/// What `cargo metadata` says, as far as it is judged.
#[derive(Deserialize)]
pub(super) struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    /// None for the crates of this workspace.
    source: Option<String>,
}

impl Policy {
    /// One sentence for each way in which a dependency breaks the policy.
    pub(super) fn findings(&self, metadata: &Metadata) -> Vec<String> {
        let dependencies = metadata.packages.iter().filter(|package| package.source.is_some());
        let mut findings = Vec::new();
        for package in dependencies {
            let reasons = [self.license(package), self.ban(package), self.source(package)];
            for reason in reasons.into_iter().flatten() {
                findings.push(format!("{} {}: {reason}", package.name, package.version));
            }
        }
        findings
    }

    fn license(&self, package: &Package) -> Option<String> {
        let Some(license) = &package.license else {
            return Some("it declares no license".into());
        };
        let expression = match Expression::parse_mode(license, ParseMode::LAX) {
            Ok(expression) => expression,
            Err(error) => return Some(format!("its license is no SPDX expression: {error}")),
        };
        let exceptions = self.licenses.exceptions.iter();
        let allowed: Vec<&str> = exceptions
            .filter(|exception| exception.name == package.name)
            .flat_map(|exception| &exception.allow)
            .chain(&self.licenses.allow)
            .map(String::as_str)
            .collect();
        let fine = expression.evaluate(|requirement| is_allowed(requirement, &allowed));
        (!fine).then(|| format!("its license `{license}` is not allowed"))
    }

    fn ban(&self, package: &Package) -> Option<String> {
        let ban = self.bans.deny.iter().find(|ban| ban.name == package.name)?;
        Some(format!("it is banned: {}", ban.reason))
    }

    fn source(&self, package: &Package) -> Option<String> {
        let source = package.source.as_deref()?;
        let repository = source.strip_prefix("git+");
        let fine = match repository {
            Some(repository) => self.sources.allow_git.iter().any(|allowed| {
                let rest = repository.strip_prefix(allowed.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '#']))
            }),
            None => is_default_registry(source),
        };
        (!fine).then(|| format!("its source {source} is not allowed"))
    }
}

/// A license in the list is allowed without an exception; `X WITH Y` must be listed as such.
fn is_allowed(requirement: &LicenseReq, allowed: &[&str]) -> bool {
    let requirement = requirement.to_string();
    allowed.contains(&requirement.as_str())
}

/// Cargo names its default registry by this index, whatever mirror it really asks.
fn is_default_registry(source: &str) -> bool {
    let index = source.strip_prefix("registry+https://github.com/rust-lang/");
    index.is_some_and(|name| name.ends_with("-index"))
}

#[cfg(test)]
mod tests;
