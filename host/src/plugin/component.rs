//! A loaded plugin: compiled, linked, described. A version that serves is never changed, only replaced.

use super::{Manifest, instance::Guest};
use crate::capability::wit;
use windlass_api_types::{Timestamp, plugin::Plugin};

/// A plugin ready to run.
pub struct Component {
    pub manifest: Manifest,
    /// `sha256:…` of the component's bytes.
    pub digest: String,
    /// Where it came from: `shipped`, or a file of the plugin directory.
    pub source: String,
    /// The interfaces it imports.
    pub imports: Vec<String>,
    pub loaded_at: Timestamp,
    pub(super) pre: wit::PluginPre<Guest>,
    /// Validates a stage's config.
    pub(super) config: jsonschema::Validator,
    /// Validates a stage's outputs.
    pub(super) outputs: jsonschema::Validator,
}

impl Component {
    /// Name and version, such as `run@1.0.0`.
    pub fn label(&self) -> String {
        format!("{}@{}", self.manifest.name, self.manifest.version)
    }

    /// What is wrong with a stage's config, by the plugin's schema.
    pub fn check_config(&self, config: &serde_json::Value) -> Result<(), String> {
        first_error(&self.config, config)
    }

    pub(super) fn check_outputs(&self, outputs: &serde_json::Value) -> Result<(), String> {
        first_error(&self.outputs, outputs)
    }

    /// For the API.
    pub fn wire(&self) -> Plugin {
        let manifest = self.manifest.clone();
        Plugin {
            name: manifest.name,
            version: manifest.version,
            summary: manifest.summary,
            digest: self.digest.clone(),
            source: self.source.clone(),
            config: manifest.config,
            outputs: manifest.outputs,
            undo: manifest.undo,
            imports: self.imports.clone(),
            loaded_at: self.loaded_at,
        }
    }
}

fn first_error(validator: &jsonschema::Validator, value: &serde_json::Value) -> Result<(), String> {
    validator.validate(value).map_err(|error| match error.instance_path().as_str() {
        "" => error.to_string(),
        path => format!("{path}: {error}"),
    })
}
