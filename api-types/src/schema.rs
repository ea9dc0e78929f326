//! What a JSON schema says to a person: its keys, one by one. The generated pages and the command line show
//! the config of a plugin from here.

mod kind;
mod toml;

use serde_json::Value;

pub use toml::in_toml;

/// How many levels of keys are listed: deeper, a schema most likely refers to itself.
const MAX_DEPTH: usize = 6;

/// The annotation of a config schema by which a plugin says that a value asks for a grant.
pub const GRANT: &str = "grant";

/// One key of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// From the top: `ports[].container`, `env.*`.
    pub path: String,
    /// What its value is, in a few words, such as `list of text`; single values stand between backticks.
    pub kind: String,
    pub required: bool,
    pub default: Option<Value>,
    /// What it means, and its bounds. Markdown.
    pub meaning: String,
    /// What a value of it asks for, see [`GRANT`].
    pub grant: Option<String>,
}

/// Every key of a table, those that must be given first.
pub fn keys(schema: &Value) -> Vec<Key> {
    let mut found = Vec::new();
    collect(schema, schema, "", 0, &mut found);
    found
}

/// A value that a schema allows, for an example.
pub fn sample(root: &Value, schema: &Value) -> Value {
    let default = |schema: &Value| schema.get("default").filter(|default| !default.is_null()).cloned();
    let given = |schema: &Value| schema["examples"].get(0).or_else(|| schema["enum"].get(0)).cloned();
    // What stands nearer to the key is meant.
    if let Some(value) = references(root, schema).find_map(|schema| given(schema).or_else(|| default(schema))) {
        return value;
    }
    let schema = target(root, schema);
    if let Some(first) = schema["oneOf"].get(0).or_else(|| schema["anyOf"].get(0)) {
        return first.get("const").cloned().unwrap_or_else(|| sample(root, first));
    }
    match kind::first_type(schema) {
        Some("integer" | "number") => schema["minimum"].as_u64().filter(|least| *least > 0).unwrap_or(1).into(),
        Some("boolean") => true.into(),
        Some("array") => Value::Array(schema.get("items").map(|items| sample(root, items)).into_iter().collect()),
        Some("object") => {
            let entry = |key: &str| (key.to_owned(), sample(root, &schema["properties"][key]));
            Value::Object(required(schema).into_iter().map(entry).collect())
        }
        _ => "…".into(),
    }
}

fn required(schema: &Value) -> Vec<&str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn collect(root: &Value, schema: &Value, above: &str, depth: usize, found: &mut Vec<Key>) {
    let schema = target(root, schema);
    if depth > MAX_DEPTH || kind::is_text(schema) {
        return;
    }
    for part in kind::alternatives(schema) {
        collect(root, part, above, depth + 1, found);
    }
    let required = required(schema);
    let mut properties: Vec<(&String, &Value)> = schema["properties"].as_object().into_iter().flatten().collect();
    let place = |name: &str| required.iter().position(|required| *required == name).unwrap_or(required.len());
    properties.sort_by_key(|(name, _)| place(name));
    for (name, property) in properties {
        let path = format!("{above}{name}");
        if found.iter().any(|key| key.path == path) {
            continue;
        }
        found.push(key(root, property, path.clone(), required.contains(&name.as_str())));
        collect(root, property, &format!("{path}."), depth + 1, found);
    }
    if let Some(items) = schema.get("items") {
        collect(root, items, &format!("{}[].", above.trim_end_matches('.')), depth + 1, found);
    }
    if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object()) {
        collect(root, values, &format!("{above}*."), depth + 1, found);
    }
    conditional(root, schema, above, found);
}

/// `then` and `else` annotate keys that `properties` describes.
fn conditional(root: &Value, schema: &Value, above: &str, found: &mut [Key]) {
    for branch in ["then", "else"].iter().filter_map(|branch| schema.get(*branch)) {
        for (name, property) in target(root, branch)["properties"].as_object().into_iter().flatten() {
            let path = format!("{above}{name}");
            if let Some(key) = found.iter_mut().find(|key| key.path == path) {
                key.grant = key.grant.take().or_else(|| grant(root, property));
            }
        }
    }
}

fn key(root: &Value, property: &Value, path: String, required: bool) -> Key {
    let there = target(root, property);
    let default = property.get("default").or_else(|| there.get("default")).filter(|default| !default.is_null());
    let about = [property, there].iter().find_map(|schema| schema["description"].as_str()).unwrap_or_default();
    let meaning = format!("{} {}", kind::sentence(about), kind::details(root, property));
    Key {
        path,
        kind: kind::name(root, property),
        required,
        default: default.cloned(),
        meaning: meaning.trim().to_owned(),
        grant: grant(root, property),
    }
}

fn grant(root: &Value, property: &Value) -> Option<String> {
    let there = target(root, property);
    let places = [property, there, target(root, &property["items"]), target(root, &there["items"])];
    places.iter().find_map(|schema| schema[GRANT].as_str()).map(str::to_owned)
}

/// A schema, and what it refers to within the document.
fn references<'s>(root: &'s Value, schema: &'s Value) -> impl Iterator<Item = &'s Value> {
    let next = |schema: &&'s Value| root.pointer(schema["$ref"].as_str()?.strip_prefix('#')?);
    std::iter::successors(Some(schema), next).take(MAX_DEPTH)
}

/// Where the references of a schema end.
fn target<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    references(root, schema).last().unwrap_or(schema)
}

#[cfg(test)]
mod tests;
