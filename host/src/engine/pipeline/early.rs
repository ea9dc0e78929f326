//! Checks of values before a deployment runs: what is known early is put in and held against the
//! schema; what only a deployment brings is left to [`super::validate_config()`].

use super::error::Problems;
use super::interpolate::{InterpolationError, interpolate};
use super::node::{Node, pointer_child};
use super::schema::{Violation, violations};
use super::scope::Scope;
use serde_json::{Map, Value};

/// A value of a configuration and how to speak of it.
pub(crate) struct Subject<'a> {
    /// For the places of errors.
    pub(crate) node: &'a Node,
    /// The value; it may have more than the node, such as defaults.
    pub(crate) value: &'a Value,
    /// Begins every message, such as "stage `up`: ".
    pub(crate) place: &'a str,
    /// The key's path before `root`, such as `stage.up.`.
    pub(crate) path: &'a str,
    /// The key that holds the value, such as `with`.
    pub(crate) root: &'a str,
}

/// Reports what the schema has against the value, as far as it can be known early.
pub(crate) fn check_value(subject: &Subject<'_>, schema: &Value, scope: &Scope, problems: &mut Problems) {
    let Subject { node, value, place, path, root } = subject;
    let mut early = Early { scope, node, problems, late: Vec::new(), errors: Vec::new() };
    let value = early.value(value, "").unwrap_or(Value::Null);
    let Early { late, errors, .. } = early;
    for (pointer, error) in &errors {
        let key = format!("{path}{root}{}", pointer.replace('/', "."));
        problems.add(node.place_of(pointer), key, format!("{place}{error}")).hint = error.hint();
    }
    let found = match violations(schema, &value) {
        Ok(found) => found,
        Err(reason) => {
            problems.add(&node.at, *path, format!("{place}the schema of `{root}` is no JSON schema: {reason}"));
            return;
        }
    };
    for violation in found.iter().filter(|violation| !undecided(violation, &late)) {
        let key = format!("{path}{root}{}", violation.pointer.replace('/', "."));
        let message = format!("{place}{}", violation.message(root));
        problems.add(node.place_of(&violation.pointer), key, message).hint = violation.hint.clone();
    }
}

struct Early<'s> {
    scope: &'s Scope,
    node: &'s Node,
    problems: &'s Problems,
    /// JSON pointers of what is not known yet.
    late: Vec<String>,
    errors: Vec<(String, InterpolationError)>,
}

impl Early<'_> {
    fn value(&mut self, value: &Value, pointer: &str) -> Option<Value> {
        match value {
            Value::String(text) if text.contains("${") => self.text(value, pointer),
            Value::Array(items) => {
                let item = |(index, item): (usize, &Value)| {
                    self.value(item, &pointer_child(pointer, &index.to_string())).unwrap_or(Value::Null)
                };
                Some(items.iter().enumerate().map(item).collect())
            }
            Value::Object(entries) => {
                let entry = |(key, value): (&String, &Value)| {
                    Some((key.clone(), self.value(value, &pointer_child(pointer, key))?))
                };
                Some(Value::Object(entries.iter().filter_map(entry).collect::<Map<_, _>>()))
            }
            plain => Some(plain.clone()),
        }
    }

    fn text(&mut self, text: &Value, pointer: &str) -> Option<Value> {
        use InterpolationError as Error;
        if self.problems.any_at(self.node.place_of(pointer)) {
            // Reported already, such as an unknown name; what follows from it is not worth a word.
            self.late.push(pointer.into());
            return Some(Value::Null);
        }
        match interpolate(text, self.scope) {
            Ok(Value::Null) => return None,
            Ok(value) => return Some(value),
            // Names and their syntax have a check of their own.
            Err(Error::NotKnownHere { .. } | Error::Unknown { .. } | Error::Syntax(_)) => {}
            Err(error) => self.errors.push((pointer.into(), error)),
        }
        self.late.push(pointer.into());
        Some(Value::Null)
    }
}

/// Whether the violation comes from something that is not known yet; `late` are its JSON pointers.
fn undecided(violation: &Violation, late: &[String]) -> bool {
    let pointer = &violation.pointer;
    late.iter().any(|late| match violation.about_keys {
        true => within(pointer, late) && pointer != late,
        false => within(pointer, late) || within(late, pointer),
    })
}

/// Whether a pointer is another one, or below it.
fn within(pointer: &str, above: &str) -> bool {
    pointer.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
