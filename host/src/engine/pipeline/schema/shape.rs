//! What a JSON schema says about the shape of a value: its properties and their defaults.

use super::violation::violations;
use serde_json::{Map, Value, json};

/// How many references and levels are followed: deeper, a schema most likely refers to itself.
const MAX_DEPTH: usize = 32;

/// Follows a `$ref` within the document.
pub(crate) fn target<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let mut schema = schema;
    for _ in 0..MAX_DEPTH {
        let Some(pointer) = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) else { break };
        let Some(next) = root.pointer(pointer) else { break };
        schema = next;
    }
    schema
}

/// The branch of a schema's condition that a value takes.
pub(crate) fn conditional<'s>(schema: &'s Value, value: &Value) -> Option<&'s Value> {
    let holds = violations(schema.get("if")?, value).ok()?.is_empty();
    schema.get(if holds { "then" } else { "else" })
}

/// Fills in the defaults of what is absent, at every depth. A table without a default of its own is
/// made where one of its keys has one, unless it is a reference: those may have no end.
pub(crate) fn with_defaults(schema: &Value, value: Value) -> Value {
    fill(schema, schema, value, 0)
}

fn fill(root: &Value, schema: &Value, value: Value, depth: usize) -> Value {
    let schema = target(root, schema);
    if depth > MAX_DEPTH {
        return value;
    }
    match value {
        Value::Object(entries) => Value::Object(fill_object(root, schema, entries, depth)),
        Value::Array(items) => match schema.get("items") {
            Some(schema) => items.into_iter().map(|item| fill(root, schema, item, depth + 1)).collect(),
            None => Value::Array(items),
        },
        plain => plain,
    }
}

fn fill_object(root: &Value, schema: &Value, mut entries: Map<String, Value>, depth: usize) -> Map<String, Value> {
    for (key, property) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(value) = entries.remove(key) {
            entries.insert(key.clone(), fill(root, property, value, depth + 1));
        } else if let Some(default) = property.get("default").or_else(|| target(root, property).get("default")) {
            entries.insert(key.clone(), fill(root, property, default.clone(), depth + 1));
        } else if property.get("$ref").is_none() {
            let made = fill(root, property, json!({}), depth + 1);
            if made.as_object().is_some_and(|made| !made.is_empty()) {
                entries.insert(key.clone(), made);
            }
        }
    }
    entries
}

/// The schema of tables with the keys that a value has, whatever their values.
pub(crate) fn shape_of(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let properties = entries.iter().map(|(key, value)| (key.clone(), shape_of(value)));
            json!({ "properties": Value::Object(properties.collect()) })
        }
        _ => json!({}),
    }
}

/// The same schema, with keys that it does not name refused wherever it is silent about them: a
/// misspelled key must not be ignored.
pub(crate) fn close(schema: &Value) -> Value {
    let mut closed = schema.clone();
    // A definition may be one part of an `allOf`, and then must not refuse the keys of the others.
    if !mentions(schema, "allOf") {
        for section in ["$defs", "definitions"] {
            for definition in closed.get_mut(section).and_then(Value::as_object_mut).into_iter().flatten() {
                close_object(definition.1, 0);
            }
        }
    }
    close_object(&mut closed, 0);
    closed
}

fn close_object(schema: &mut Value, depth: usize) {
    let Some(entries) = schema.as_object_mut().filter(|_| depth <= MAX_DEPTH) else { return };
    let open =
        ["additionalProperties", "unevaluatedProperties", "patternProperties", "allOf", "anyOf", "oneOf", "$ref"];
    if entries.contains_key("properties") && open.iter().all(|keyword| !entries.contains_key(*keyword)) {
        entries.insert("additionalProperties".into(), Value::Bool(false));
    }
    for property in entries.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        close_object(property.1, depth + 1);
    }
    if let Some(items) = entries.get_mut("items") {
        close_object(items, depth + 1);
    }
}

fn mentions(schema: &Value, keyword: &str) -> bool {
    match schema {
        Value::Object(entries) => {
            entries.contains_key(keyword) || entries.values().any(|value| mentions(value, keyword))
        }
        Value::Array(items) => items.iter().any(|item| mentions(item, keyword)),
        _ => false,
    }
}

/// The schema of what a path names, as far as the schema says.
pub(crate) fn property<'s, S: AsRef<str>>(schema: &'s Value, path: &[S]) -> Option<&'s Value> {
    path.iter().try_fold(target(schema, schema), |current, segment| {
        let candidates = alternatives(schema, current);
        let found = candidates.iter().find_map(|candidate| {
            candidate["properties"].get(segment.as_ref()).or_else(|| match segment.as_ref().parse::<usize>() {
                Ok(_) => candidate.get("items"),
                Err(_) => candidate.get("additionalProperties").filter(|schema| schema.is_object()),
            })
        });
        found.map(|found| target(schema, found))
    })
}

/// The keys that a schema names for what a path names; none where it does not say, or allows any.
pub(crate) fn known_keys<'s, S: AsRef<str>>(schema: &'s Value, path: &[S]) -> Option<Vec<&'s str>> {
    let found = alternatives(schema, property(schema, path)?);
    let named: Vec<&str> = found
        .iter()
        .filter_map(|schema| schema["properties"].as_object())
        .flat_map(Map::keys)
        .map(String::as_str)
        .collect();
    let any = found.iter().any(|schema| match schema.get("additionalProperties") {
        Some(Value::Bool(any)) => *any,
        Some(_) => true,
        None => false,
    });
    (!any && found.iter().any(|schema| schema.get("properties").is_some())).then_some(named)
}

/// A schema and the parts it is combined of.
fn alternatives<'s>(root: &'s Value, schema: &'s Value) -> Vec<&'s Value> {
    let parts = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|keyword| schema[keyword].as_array()).flatten();
    std::iter::once(schema).chain(parts.map(|part| target(root, part))).collect()
}

/// The first line of what the schema says about what a path names.
pub(crate) fn describe<S: AsRef<str>>(schema: &Value, path: &[S]) -> Option<String> {
    let description = property(schema, path)?["description"].as_str()?;
    description.lines().next().map(|line| line.trim().trim_end_matches('.').to_owned())
}
