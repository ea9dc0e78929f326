//! Values against JSON schemas: options against the template's, configs against the plugin's.

mod shape;
mod violation;

pub(crate) use shape::{close, conditional, describe, known_keys, property, shape_of, target, with_defaults};
pub(crate) use violation::{Violation, violations};

#[cfg(test)]
mod tests;

use super::model::{PluginInfo, Stage};
use serde_json::Value;
use windlass_api_types::{ErrorKind, Failure};

/// Checks a stage's config after every name has become a value: what [`super::resolve()`] had to leave
/// open is checked here, right before the stage runs.
pub fn validate_config(stage: &Stage, plugin: &PluginInfo, config: &Value) -> Result<(), Failure> {
    let found = match violations(&close(&plugin.config_schema), config) {
        Ok(found) => found,
        Err(reason) => {
            let message =
                format!("plugin {}@{} has a config schema that is none: {reason}", plugin.name, plugin.version);
            return Err(Failure::new(ErrorKind::Internal, "schema-invalid", message));
        }
    };
    let Some(first) = found.first() else { return Ok(()) };
    let all = found.iter().map(|violation| violation.message("with")).collect::<Vec<_>>().join("; ");
    let message = format!("stage `{}`: {all}", stage.id);
    let failure = Failure::new(ErrorKind::InvalidInput, "config-invalid", message);
    Err(match &first.hint {
        Some(hint) => failure.hint(hint),
        None => failure.hint("these values were not known before the deployment ran; see the stages they come from"),
    })
}
