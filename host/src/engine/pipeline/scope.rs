//! What the names of `${…}` and `when` stand for.

use super::expression::Name;
use super::interpolate::InterpolationError;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Every first word of a name, with the words that may follow; none: the configuration decides.
pub(crate) const ROOTS: &[(&str, &[&str])] = &[
    ("options", &[]),
    ("project", &[]),
    ("domain", &[]),
    ("environment", &["name"]),
    ("deployment", &["id", "number", "label", "url"]),
    ("release", &["id", "label"]),
    ("commit", &["sha", "branch", "message", "author"]),
    ("target", &["name", "group"]),
    ("variables", &[]),
    ("stages", &[]),
];

/// The outputs of earlier stages: stage id → target (empty: the server) → outputs document.
pub type Outputs = BTreeMap<String, BTreeMap<String, Value>>;

/// The values of names, as far as they are known. [`super::Pipeline::scope`] begins one.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    roots: Map<String, Value>,
    outputs: Option<Outputs>,
}

impl Scope {
    /// Sets what a first word stands for, such as `release` to `{"id": …, "label": …}`. `commit` may
    /// be null: its names then have no value.
    pub fn set(&mut self, root: &str, value: Value) -> &mut Self {
        self.roots.insert(root.into(), value);
        self
    }

    /// Says on which target the stage runs.
    pub fn set_target(&mut self, name: &str, group: &str) -> &mut Self {
        self.set("target", serde_json::json!({ "name": name, "group": group }))
    }

    /// Sets what the earlier stages put out.
    pub fn set_outputs(&mut self, outputs: Outputs) -> &mut Self {
        self.outputs = Some(outputs);
        self
    }

    /// The value of a name; none where the name is known and has no value.
    pub(crate) fn lookup(&self, name: &Name) -> Result<Option<Value>, InterpolationError> {
        let segments = name.segments();
        if name.root() == "stages" {
            return self.output(name, &segments);
        }
        let Some(root) = self.roots.get(name.root()) else {
            let known = ROOTS.iter().any(|(root, _)| *root == name.root());
            return Err(if known {
                InterpolationError::NotKnownHere { name: name.to_string() }
            } else {
                InterpolationError::Unknown { name: name.to_string() }
            });
        };
        let found = walk(root, &segments[1..]);
        if found.is_none() && name.root() == "variables" {
            return Err(InterpolationError::UnsetVariable { name: segments[1..].join(".") });
        }
        Ok(found.cloned())
    }

    /// This target's outputs, else the only ones, else it is not clear which are meant.
    fn output(&self, name: &Name, segments: &[&str]) -> Result<Option<Value>, InterpolationError> {
        let Some(outputs) = &self.outputs else {
            return Err(InterpolationError::NotKnownHere { name: name.to_string() });
        };
        let ["stages", stage, "outputs", path @ ..] = segments else {
            return Err(InterpolationError::Unknown { name: name.to_string() });
        };
        let none = || InterpolationError::NoOutputs { name: name.to_string(), stage: (*stage).into() };
        let runs = outputs.get(*stage).filter(|runs| !runs.is_empty()).ok_or_else(none)?;
        let own = self.roots.get("target").and_then(|target| target["name"].as_str()).and_then(|name| runs.get(name));
        let only = if runs.len() == 1 { runs.values().next() } else { None };
        let run = own.or(only).ok_or_else(|| InterpolationError::Ambiguous {
            name: name.to_string(),
            stage: (*stage).into(),
            targets: runs.keys().cloned().collect(),
        })?;
        Ok(walk(run, path).cloned())
    }
}

/// What a path leads to; a null is nothing.
pub(crate) fn walk<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    let found = path.iter().try_fold(value, |value, segment| match value {
        Value::Array(items) => segment.parse::<usize>().ok().and_then(|index| items.get(index)),
        other => other.get(segment),
    });
    found.filter(|value| !value.is_null())
}
