//! JSON schemas as tables of keys.

use crate::markdown::{code, table};
use serde_json::Value;
use windlass_api_types::schema::{Key, in_toml, keys};

/// The keys of a table that a person writes: key, type, default, meaning.
pub(crate) fn inputs(schema: &Value) -> String {
    let rows: Vec<Vec<String>> = keys(schema)
        .into_iter()
        .map(|key| {
            let default = default(&key);
            vec![code(&key.path), key.kind, default, key.meaning]
        })
        .collect();
    table(&["key", "type", "default", "meaning"], &rows)
}

/// The keys of a table that a program answers.
pub(crate) fn outputs(schema: &Value) -> String {
    let rows: Vec<Vec<String>> =
        keys(schema).into_iter().map(|key| vec![code(&key.path), key.kind, key.meaning]).collect();
    table(&["key", "type", "meaning"], &rows)
}

fn default(key: &Key) -> String {
    match &key.default {
        _ if key.required => "**required**".to_owned(),
        Some(default) => code(&in_toml(default)),
        None => String::new(),
    }
}
