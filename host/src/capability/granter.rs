//! What a stage run may touch: request ∩ grant, in one object.

use crate::ssh::TargetAddress;
use std::collections::BTreeMap;
use windlass_api_types::{ErrorKind, Failure};

/// The approvals of one environment, as a stage run meets them.
#[derive(Clone, Debug, Default)]
pub struct Granter {
    environment: String,
    targets: BTreeMap<String, TargetAddress>,
}

impl Granter {
    /// Grants the targets that are bound to an environment.
    pub fn new(environment: impl Into<String>, targets: impl IntoIterator<Item = TargetAddress>) -> Self {
        let targets = targets.into_iter().map(|target| (target.name.clone(), target)).collect();
        Self { environment: environment.into(), targets }
    }

    /// The address behind a target's name, if the environment has it.
    pub fn target(&self, name: &str) -> Result<&TargetAddress, Failure> {
        self.targets.get(name).ok_or_else(|| self.no_target(name))
    }

    fn no_target(&self, name: &str) -> Failure {
        let known: Vec<&str> = self.targets.keys().map(String::as_str).collect();
        let known = if known.is_empty() { "none".into() } else { known.join(", ") };
        Failure::new(
            ErrorKind::Denied,
            "target-denied",
            format!("the target `{name}` is not one of the environment `{}`", self.environment),
        )
        .hint(format!("its targets are: {known}. Add it under `targets` of the environment in windlass.toml"))
    }
}
