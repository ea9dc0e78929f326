//! What a pipeline asks of its environment's grants, as far as its text says it.

use super::expression::{self, Part};
use super::interpolate::{holds, interpolate};
use super::model::{Pipeline, Stage};
use super::schema::{conditional, target};
use super::scope::Scope;
use crate::capability::Ask;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use windlass_api_types::schema::GRANT;

/// The keys of a secret that is named.
const NAMED: [&str; 2] = ["secret", "quoting"];
/// How many levels of a schema are followed: deeper, it most likely refers to itself.
const MAX_DEPTH: usize = 32;

/// What a plugin asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub plugin: String,
    pub ask: Ask,
}

/// What a pipeline asks for, in the order of its stages. `schema` gives the config schema of a stage's plugin, whose
/// annotations say what a value asks for; secrets are seen without. Stages that are known not to run are left out,
/// and values that only a run decides: these are refused there, by the same grants.
pub fn requests<'s>(
    pipeline: &Pipeline,
    variables: &BTreeMap<String, String>,
    schema: impl Fn(&Stage) -> Option<&'s Value>,
) -> Vec<Asked> {
    let mut scope = pipeline.scope();
    scope.set("variables", json!(variables));
    let mut asked: Vec<Asked> = Vec::new();
    for stage in pipeline.stages.iter().filter(|stage| holds(&stage.when, &scope) != Ok(false)) {
        let with = known(&stage.with, &scope);
        let mut found = Vec::new();
        secrets(&with, &mut found);
        if let Some(schema) = schema(stage) {
            Annotations { root: schema, found: &mut found }.of(schema, &with, &Map::new(), 0);
        }
        for ask in found {
            let ask = Asked { plugin: stage.uses.name.clone(), ask };
            if !asked.contains(&ask) {
                asked.push(ask);
            }
        }
    }
    asked
}

/// With the values of all names that are known; the others stay in their texts.
fn known(value: &Value, scope: &Scope) -> Value {
    match value {
        Value::String(text) => interpolate(value, scope).unwrap_or_else(|_| known_parts(text, scope).into()),
        Value::Array(items) => items.iter().map(|item| known(item, scope)).collect(),
        Value::Object(entries) => {
            Value::Object(entries.iter().map(|(key, value)| (key.clone(), known(value, scope))).collect())
        }
        plain => plain.clone(),
    }
}

fn known_parts(text: &str, scope: &Scope) -> String {
    let Ok(parts) = expression::parse(text) else { return text.to_owned() };
    let part = |part: Part| match part {
        Part::Text(text) => text,
        Part::Name(name) => {
            let written = format!("${{{name}}}");
            // Within a longer text, so that what is no text is an error.
            let value = interpolate(&format!("{written} ").into(), scope);
            value.ok().and_then(|value| Some(value.as_str()?.strip_suffix(' ')?.to_owned())).unwrap_or(written)
        }
    };
    parts.into_iter().map(part).collect()
}

/// `{ secret = "NAME" }`, wherever it stands, and in whatever notation.
fn secrets(value: &Value, found: &mut Vec<Ask>) {
    match value {
        Value::Object(entries) => match (entries.keys().all(|key| NAMED.contains(&&**key)), entries.get("secret")) {
            (true, Some(Value::String(name))) => found.push(Ask::Secret(name.clone())),
            _ => entries.values().for_each(|value| secrets(value, found)),
        },
        Value::Array(items) => items.iter().for_each(|item| secrets(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The values that a schema annotates.
struct Annotations<'s, 'f> {
    root: &'s Value,
    found: &'f mut Vec<Ask>,
}

impl Annotations<'_, '_> {
    /// Follows a value and its schema; `beside` is the table that the value stands in.
    fn of(&mut self, schema: &Value, value: &Value, beside: &Map<String, Value>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        if let Some(annotation) = schema[GRANT].as_str() {
            self.found.extend(Ask::read(annotation, value, beside).filter(|ask| !self.found.contains(ask)));
        }
        if schema.get("$ref").is_some() {
            self.of(target(self.root, schema), value, beside, depth + 1);
        }
        let parts = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|keyword| schema[keyword].as_array()).flatten();
        parts.chain(conditional(schema, value)).for_each(|part| self.of(part, value, beside, depth + 1));
        match value {
            Value::Object(entries) => self.of_table(schema, entries, depth),
            Value::Array(items) => {
                let schema = schema.get("items");
                let each = items.iter().filter_map(|item| Some((schema?, item)));
                each.for_each(|(schema, item)| self.of(schema, item, beside, depth + 1));
            }
            _ => {}
        }
    }

    fn of_table(&mut self, schema: &Value, entries: &Map<String, Value>, depth: usize) {
        let named = schema["properties"].as_object();
        for (key, property) in named.into_iter().flatten() {
            if let Some(value) = entries.get(key).or_else(|| property.get("default")) {
                self.of(property, value, entries, depth + 1);
            }
        }
        let others = entries.iter().filter(|(key, _)| !named.is_some_and(|named| named.contains_key(*key)));
        if let Some(schema) = schema.get("additionalProperties").filter(|schema| schema.is_object()) {
            others.for_each(|(_, value)| self.of(schema, value, entries, depth + 1));
        }
    }
}

#[cfg(test)]
mod tests;
