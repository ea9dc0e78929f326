//! What a schema says about a single value.

use super::{in_toml, target};
use serde_json::Value;

/// The SDK's `Text`: a text whose parts may be secrets.
pub(super) fn is_text(schema: &Value) -> bool {
    let secret = |part: &Value| part["properties"].get("secret").is_some();
    schema["anyOf"].as_array().is_some_and(|parts| parts.iter().any(secret))
}

/// What a value is, in a word or two.
pub(super) fn name(root: &Value, schema: &Value) -> String {
    let schema = target(root, schema);
    if is_text(schema) {
        return "text or secret".to_owned();
    }
    let values = constants(root, schema);
    if !values.is_empty() {
        return values.iter().map(|(value, _)| code(&in_toml(value))).collect::<Vec<_>>().join(", ");
    }
    let parts: Vec<String> = alternatives(schema)
        .filter(|part| first_type(target(root, part)) != Some("null"))
        .map(|part| name(root, part))
        .fold(Vec::new(), |mut names, name| {
            if !names.contains(&name) {
                names.push(name);
            }
            names
        });
    if !parts.is_empty() {
        return parts.join(" or ");
    }
    let types: Vec<String> =
        types(schema).into_iter().filter(|ty| *ty != "null").map(|ty| plain(root, schema, ty)).collect();
    if types.is_empty() { "any".to_owned() } else { types.join(" or ") }
}

fn plain(root: &Value, schema: &Value, ty: &str) -> String {
    match ty {
        "string" => "text".to_owned(),
        "integer" | "number" => "number".to_owned(),
        "boolean" => "true or false".to_owned(),
        "array" => match schema.get("items").map(|items| name(root, items)) {
            Some(items) if items == "table" => "list of tables".to_owned(),
            Some(items) => format!("list of {items}"),
            None => "list".to_owned(),
        },
        "object" => match schema.get("additionalProperties").filter(|values| values.is_object()) {
            Some(values) => format!("table of {}", name(root, values)),
            None => "table".to_owned(),
        },
        other => other.to_owned(),
    }
}

/// What else there is to know: what the single values mean, and the bounds.
pub(super) fn details(root: &Value, schema: &Value) -> String {
    let there = target(root, schema);
    let mut said: Vec<String> = Vec::new();
    for (value, meaning) in constants(root, there)
        .into_iter()
        .chain(alternatives(there).map(|part| target(root, part)).flat_map(|part| constants(root, part)))
    {
        if let Some(meaning) = meaning {
            said.push(format!("{}: {}", code(&in_toml(&value)), sentence(meaning)));
        }
    }
    let bound = |key: &str| [schema, there].iter().find_map(|schema| schema[key].as_u64());
    // What the type itself allows says nothing.
    let (least, most) = (bound("minimum").filter(|least| *least > 0), bound("maximum").filter(|most| *most != 65_535));
    match (least, most) {
        (Some(least), Some(most)) => said.push(format!("{least} to {most}.")),
        (Some(least), None) => said.push(format!("At least {least}.")),
        (None, Some(most)) => said.push(format!("At most {most}.")),
        (None, None) => {}
    }
    let examples = schema["examples"].as_array().or_else(|| there["examples"].as_array());
    if let Some(examples) = examples {
        let examples: Vec<String> = examples.iter().map(|example| code(&in_toml(example))).collect();
        said.push(format!("Such as {}.", examples.join(" or ")));
    }
    said.join(" ")
}

/// The values of an enumeration, with what they mean.
fn constants<'s>(root: &'s Value, schema: &'s Value) -> Vec<(Value, Option<&'s str>)> {
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(|value| (value.clone(), None)).collect();
    }
    let parts: Vec<&Value> = alternatives(schema).map(|part| target(root, part)).collect();
    let constant = |part: &&'s Value| Some((part.get("const")?.clone(), part["description"].as_str()));
    let mut values: Vec<(Value, Option<&str>)> = parts.iter().filter_map(constant).collect();
    let listed = |part: &&Value| part.get("const").is_none() && part["enum"].is_array();
    // Those that need no explanation stand together.
    values.extend(parts.iter().copied().filter(listed).flat_map(|part| constants(root, part)));
    values
}

/// What it may be instead.
pub(super) fn alternatives(schema: &Value) -> impl Iterator<Item = &Value> {
    ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|keyword| schema[keyword].as_array()).flatten()
}

/// The first type that a schema names.
pub(super) fn first_type(schema: &Value) -> Option<&str> {
    types(schema).into_iter().next()
}

fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(ty) => vec![ty],
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// As code.
fn code(text: &str) -> String {
    format!("`{text}`")
}

/// With a full stop at its end.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    let ended = text.is_empty() || text.ends_with(['.', ':', '!', '?']);
    if ended { text.to_owned() } else { format!("{text}.") }
}
