//! What a stage run may touch: request ∩ grant, in one object.

use crate::dns::DnsName;
use crate::outbound::Allowed;
use crate::ssh::TargetAddress;
use std::collections::{BTreeMap, BTreeSet};
use windlass_api_types::grant::{EVERY_PLUGIN, Grant, GrantKind};
use windlass_api_types::{ErrorKind, Failure};

/// The approvals of one environment for one stage's plugin.
#[derive(Clone, Debug, Default)]
pub struct Granter {
    /// Such as `shop/production`.
    environment: String,
    plugin: String,
    targets: BTreeMap<String, TargetAddress>,
    granted: BTreeSet<(GrantKind, String)>,
}

impl Granter {
    /// Grants the targets that are bound to an environment, and nothing else.
    pub fn new(
        environment: impl Into<String>,
        plugin: impl Into<String>,
        targets: impl IntoIterator<Item = TargetAddress>,
    ) -> Self {
        let targets = targets.into_iter().map(|target| (target.name.clone(), target)).collect();
        Self { environment: environment.into(), plugin: plugin.into(), targets, granted: BTreeSet::new() }
    }

    /// With those of an environment's grants that are for the plugin.
    pub fn with<'a>(mut self, grants: impl IntoIterator<Item = &'a Grant>) -> Self {
        let mine = |grant: &&Grant| grant.plugin == EVERY_PLUGIN || grant.plugin == self.plugin;
        self.granted.extend(grants.into_iter().filter(mine).map(|grant| (grant.kind, grant.value.clone())));
        self
    }

    /// The project's name.
    pub fn project(&self) -> &str {
        self.environment.split('/').next().unwrap_or_default()
    }

    /// The plugin's name.
    pub fn plugin(&self) -> &str {
        &self.plugin
    }

    /// The address behind a target's name, if the environment has it.
    pub fn target(&self, name: &str) -> Result<&TargetAddress, Failure> {
        self.targets.get(name).ok_or_else(|| self.no_target(name))
    }

    /// Whether the plugin may have a secret's value put somewhere.
    pub fn secret(&self, name: &str) -> Result<(), Failure> {
        match self.has(GrantKind::Secret, name) || self.has(GrantKind::Reveal, name) {
            true => Ok(()),
            false => Err(self.denied(GrantKind::Secret, name, format!("use the secret `{name}`"))),
        }
    }

    /// Whether exactly this was granted.
    pub fn has(&self, kind: GrantKind, value: &str) -> bool {
        self.granted.contains(&(kind, value.to_owned()))
    }

    /// Whether a name of a zone may be used: the zone is granted, or a part of it that the name is in.
    pub fn zone(&self, zone: &str, name: &DnsName) -> bool {
        let covers = |granted: &str| {
            DnsName::parse(granted).is_ok_and(|granted| granted.is_within(zone) && name.is_within(granted.as_str()))
        };
        self.granted(GrantKind::Zone).any(covers)
    }

    /// The hosts that requests may go to.
    pub fn http(&self) -> Allowed {
        Allowed::new(self.granted(GrantKind::Http))
    }

    /// What was granted of a kind.
    pub fn granted(&self, kind: GrantKind) -> impl Iterator<Item = &str> {
        self.granted.iter().filter(move |(granted, _)| *granted == kind).map(|(_, value)| value.as_str())
    }

    /// The refusal of what this grant would allow; `what` follows "may not".
    pub fn denied(&self, kind: GrantKind, value: &str, what: impl std::fmt::Display) -> Failure {
        let Self { environment, plugin, .. } = self;
        let grant = Grant { plugin: plugin.clone(), kind, value: value.into() };
        Failure::new(ErrorKind::Denied, format!("{kind}-denied"), format!("the plugin `{plugin}` may not {what}"))
            .hint(format!("if it should: windlass grant add {environment} {grant}"))
    }

    fn no_target(&self, name: &str) -> Failure {
        let known: Vec<&str> = self.targets.keys().map(String::as_str).collect();
        let known = if known.is_empty() { "none".into() } else { known.join(", ") };
        let environment = self.environment.rsplit('/').next().unwrap_or_default();
        Failure::new(
            ErrorKind::Denied,
            "target-denied",
            format!("the target `{name}` is not one of the environment `{environment}`"),
        )
        .hint(format!("its targets are: {known}. Add it under `targets` of the environment in windlass.toml"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(plugin: &str, kind: GrantKind, value: &str) -> Grant {
        Grant { plugin: plugin.into(), kind, value: value.into() }
    }

    #[test]
    fn a_grant_is_for_its_plugin_or_for_all() {
        let grants = [
            grant("run", GrantKind::Secret, "ONE"),
            grant("notify", GrantKind::Secret, "TWO"),
            grant(EVERY_PLUGIN, GrantKind::Secret, "THREE"),
            grant("run", GrantKind::Reveal, "FOUR"),
        ];
        let granter = Granter::new("shop/production", "run", []).with(&grants);
        let may = ["ONE", "TWO", "THREE", "FOUR"].map(|name| granter.secret(name).is_ok());
        assert_eq!(may, [true, false, true, true]);
        let denied = granter.secret("TWO").unwrap_err();
        assert_eq!(denied.message, "the plugin `run` may not use the secret `TWO`");
        let hint = "if it should: windlass grant add shop/production secret TWO --plugin run";
        assert_eq!(denied.hint.as_deref(), Some(hint));
    }
}
