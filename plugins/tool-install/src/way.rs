//! How a tool comes to a machine: pure decisions, from what was found.

use crate::config::{Config, Download, Tool};
use crate::facts::{Facts, Root, at_least};
use windlass_sdk::{Error, ErrorKind, Result};

/// How a tool comes to a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// As a package of the distribution.
    Package { name: String, version: String },
    /// As a program of its makers.
    Program { download: Download, to: &'static str },
}

/// Whether anything can be installed at all, before anything is.
///
/// # Errors
/// `denied` without root's rights, `unsupported` where there is no apt; both name what to install by hand.
pub(crate) fn possible(target: &str, config: &Config, facts: &Facts) -> Result<()> {
    let Config { tool, download } = config;
    if facts.root == Root::No {
        let message =
            format!("{tool} is to be installed on {target}, and {} is neither root nor may use sudo", facts.user);
        let sudo = format!("let {} use sudo without a password", facts.user);
        return Err(Error::new(ErrorKind::Denied, message)
            .code("needs-root")
            .hint(format!("{sudo}, or register the target as root, or {}", by_hand(*tool, target))));
    }
    if !facts.apt && (download.is_none() || tool.place().is_none()) {
        let message = format!(
            "{target} runs {}, which has no apt-get: {tool} cannot be installed there by this stage",
            facts.system
        );
        return Err(Error::unsupported(message).code("unsupported-system").hint(by_hand(*tool, target)));
    }
    Ok(())
}

/// The best way: a package that is new enough, else the program.
///
/// # Errors
/// `unsupported` where there is none.
pub(crate) fn choose(target: &str, config: &Config, facts: &Facts) -> Result<Way> {
    let tool = config.tool;
    let package = |name: &&str| facts.candidates.iter().find(|(candidate, _)| candidate == name);
    let mut packages = tool.packages().iter().filter_map(package);
    if config.download.is_none()
        && let Some((name, version)) = packages.find(|(_, version)| at_least(version, tool.least()))
    {
        return Ok(Way::Package { name: name.clone(), version: version.clone() });
    }
    let download = config.download.clone().or_else(|| tool.official(&facts.architecture));
    match (tool.place(), download) {
        (Some(to), Some(download)) => Ok(Way::Program { download, to }),
        _ => Err(nowhere(target, tool, facts)),
    }
}

fn nowhere(target: &str, tool: Tool, facts: &Facts) -> Error {
    let found: Vec<String> = facts.candidates.iter().map(|(name, version)| format!("{name} {version}")).collect();
    let has = if found.is_empty() { "no package of it".to_owned() } else { found.join(", ") };
    let message = format!(
        "{} on {target} ({}) has {has}; {tool} {} or newer is needed",
        facts.system,
        facts.architecture,
        tool.least()
    );
    Error::unsupported(message).code("unsupported-system").hint(by_hand(tool, target))
}

fn by_hand(tool: Tool, target: &str) -> String {
    let what = match tool {
        Tool::Docker => "the programs `dockerd` and `docker`, and a running engine",
        Tool::Compose => "so that `docker compose version` answers",
        Tool::Caddy => "so that `caddy version` answers",
    };
    format!("install {tool} {} or newer on {target} by hand ({what}), and run this again", tool.least())
}
