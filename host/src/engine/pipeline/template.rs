//! Templates: pipelines with an options schema, to be read and to be found.

use super::error::{ConfigErrors, Position, Problems};
use super::model::Templates;
use super::node::{At, Node, parse};
use super::read::{Keys, NamedTable, ProjectConfig, StageTable, named_rollouts, stage_tables};
use super::reference::{Reference, Version};
use super::{schema, suggest};
use serde_json::{Value, json};

const KEYS: &[&str] = &["name", "version", "summary", "options", "timeout", "stage", "rollout"];

/// A template, well-formed.
#[derive(Clone, Debug)]
pub(crate) struct TemplateConfig {
    pub(crate) name: String,
    pub(crate) version: Version,
    pub(crate) summary: String,
    /// JSON schema of the options; keys that it does not name are refused.
    pub(crate) schema: Value,
    /// The names of the options in the order of the text.
    pub(crate) options: Vec<String>,
    pub(crate) timeout: Option<Node>,
    pub(crate) stages: Vec<StageTable>,
    pub(crate) rollouts: Vec<NamedTable>,
}

impl TemplateConfig {
    /// Such as `process@1.0.0`.
    pub(crate) fn label(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }
}

/// Finds and reads the template of a project; none where it has none.
pub(crate) fn template_of(
    config: &ProjectConfig,
    templates: &dyn Templates,
) -> Result<Option<TemplateConfig>, ConfigErrors> {
    let Some(At { value: reference, at }) = &config.template else { return Ok(None) };
    match templates.get(&reference.name, reference.wanted) {
        Some(text) => read_template(&reference.name, text).map(Some),
        None => Err(missing(reference, at, templates)),
    }
}

fn missing(reference: &Reference, at: &Position, templates: &dyn Templates) -> ConfigErrors {
    let (name, names) = (&reference.name, templates.names());
    let (message, hint) = if names.contains(name) {
        let hint = Some(format!("`template = {name:?}` takes the newest"));
        (format!("template `{name}` has no version {}", reference.wanted), hint)
    } else {
        let hint = suggest::hint(name, names.iter().map(String::as_str));
        (format!("there is no template `{name}`"), hint)
    };
    Problems::single(at, "template", message, hint)
}

/// Reads the text of a template; `name` is what it was found by, for errors.
pub(crate) fn read_template(name: &str, text: &str) -> Result<TemplateConfig, ConfigErrors> {
    let root = parse(&format!("templates/{name}.toml"), text)?;
    let table = root.as_table().cloned().unwrap_or_default();
    let mut problems = Problems::default();
    let mut keys = Keys::new(&table, &root.at, "", "", &mut problems).deferring();
    keys.check(KEYS, &[]);
    keys.duration("timeout");
    let own_name = keys.required_name("name", "name the template");
    let version = keys.any_text("version").and_then(|version| version.value.parse().ok());
    if version.is_none() {
        keys.report(keys.place_of("version"), "version", "`version` must be a version such as \"1.0.0\"", None);
    }
    let summary = keys.any_text("summary");
    let options = keys.table("options");
    let rollouts = keys.table("rollout");
    let properties = options.as_ref().and_then(|options| options.value.get("properties")?.as_table());
    let names = properties.map(|table| table.0.iter().map(|entry| entry.key.clone()).collect()).unwrap_or_default();
    let options_at = keys.place_of("options");
    let schema = match options {
        Some(options) => schema::close(&options.value.to_json()),
        None => json!({ "type": "object", "properties": {}, "additionalProperties": false }),
    };
    if let Err(reason) = schema::violations(&schema, &Value::Null) {
        problems.add(options_at, "options", format!("`options` is no JSON schema: {reason}"));
    }
    let template = TemplateConfig {
        name: own_name.map_or_else(|| name.to_owned(), |name| name.value),
        version: version.unwrap_or(Version { major: 0, minor: 0, patch: 0 }),
        summary: summary.map(|summary| summary.value).unwrap_or_default(),
        schema,
        options: names,
        timeout: table.get("timeout").cloned(),
        stages: stage_tables(&table, &mut problems),
        rollouts: named_rollouts(rollouts, "", &mut problems),
    };
    problems.finish(template)
}
