//! `${…}` in configs, and `when`: names become values.

use super::Condition;
use super::expression::{self, Name, Part};
use super::scope::Scope;
use serde_json::{Map, Value};
use windlass_api_types::{ErrorKind, Failure};

#[cfg(test)]
mod tests;

/// A `${…}` that cannot become a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InterpolationError {
    #[error("{0}")]
    Syntax(String),
    #[error("`{name}` is not a known name")]
    Unknown { name: String },
    /// Such as `target` in a stage that runs on the server, or `release` before there is one.
    #[error("`{name}` is not known here")]
    NotKnownHere { name: String },
    #[error("the variable `{name}` is not set")]
    UnsetVariable { name: String },
    #[error("`{name}` has no value, so it cannot be part of a text")]
    NoValue { name: String },
    #[error("`{name}` is a list or a table, so it cannot be part of a text")]
    NotText { name: String },
    #[error("`{name}`: stage `{stage}` has no outputs: it did not run, or not to its end")]
    NoOutputs { name: String, stage: String },
    #[error("`{name}`: stage `{stage}` ran on several targets ({}) and this stage on none of them", targets.join(", "))]
    Ambiguous { name: String, stage: String, targets: Vec<String> },
    #[error("`{name}` stands for itself")]
    Cycle { name: String },
}

impl InterpolationError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Cycle { .. } => "give one of the options in the circle a value of its own".into(),
            Self::Syntax(_) => "for a literal `${` write `$${`".into(),
            Self::UnsetVariable { name } => format!("windlass var set PROJECT/ENVIRONMENT {name}=…"),
            Self::NoValue { name } => format!("set `{name}`, or make it the whole value: the key is then left out"),
            Self::Ambiguous { .. } => "give this stage the same `targets` or `rollout`".into(),
            Self::NoOutputs { stage, .. } => format!("give this stage the same `when` as `{stage}`"),
            _ => return None,
        })
    }

    /// The same as the failure of a stage.
    pub fn failure(&self) -> Failure {
        let failure = Failure::new(ErrorKind::InvalidInput, "interpolation-failed", self.to_string());
        match self.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// Puts the values of names in. A text that is exactly one `${name}` becomes the value with its type;
/// inside a longer text, texts, numbers and booleans may stand. Where a known name has no value, its
/// key is left out of the table. Keys are never names.
pub fn interpolate(value: &Value, scope: &Scope) -> Result<Value, InterpolationError> {
    let value = Expansion { scope, open: Vec::new() }.value(value)?;
    Ok(value.unwrap_or(Value::Null))
}

/// Whether every equality holds; of a list, one. A name without a value equals nothing.
pub fn holds(when: &[Condition], scope: &Scope) -> Result<bool, InterpolationError> {
    for condition in when {
        let unknown = || InterpolationError::Unknown { name: condition.name.clone() };
        let name = Name::parse(&condition.name).ok_or_else(unknown)?;
        let found = match (Expansion { scope, open: Vec::new() }).name(&name) {
            Err(InterpolationError::NoOutputs { .. }) => None,
            other => other?,
        };
        let equals = match &condition.equals {
            Value::Array(any) => found.is_some_and(|found| any.contains(&found)),
            one => found.as_ref() == Some(one),
        };
        if !equals {
            return Ok(false);
        }
    }
    Ok(true)
}

/// One expansion. Options are configuration and may hold names themselves; all else is data and is
/// taken as it is.
struct Expansion<'s> {
    scope: &'s Scope,
    /// The options being expanded, outermost first.
    open: Vec<Name>,
}

impl Expansion<'_> {
    fn value(&mut self, value: &Value) -> Result<Option<Value>, InterpolationError> {
        Ok(match value {
            Value::String(text) => self.text(text)?,
            Value::Array(items) => {
                let items = items.iter().map(|item| Ok(self.value(item)?.unwrap_or(Value::Null)));
                Some(Value::Array(items.collect::<Result<_, InterpolationError>>()?))
            }
            Value::Object(entries) => {
                let mut expanded = Map::new();
                for (key, value) in entries {
                    if let Some(value) = self.value(value)? {
                        expanded.insert(key.clone(), value);
                    }
                }
                Some(Value::Object(expanded))
            }
            plain => Some(plain.clone()),
        })
    }

    fn text(&mut self, text: &str) -> Result<Option<Value>, InterpolationError> {
        let parts = expression::parse(text).map_err(|error| InterpolationError::Syntax(error.to_string()))?;
        if let [Part::Name(name)] = parts.as_slice() {
            return self.name(name);
        }
        let mut joined = String::new();
        for part in &parts {
            match part {
                Part::Text(text) => joined.push_str(text),
                Part::Name(name) => joined.push_str(&self.name_in_text(name)?),
            }
        }
        Ok(Some(joined.into()))
    }

    fn name_in_text(&mut self, name: &Name) -> Result<String, InterpolationError> {
        match self.name(name)? {
            None | Some(Value::Null) => Err(InterpolationError::NoValue { name: name.to_string() }),
            Some(Value::String(text)) => Ok(text),
            Some(Value::Array(_) | Value::Object(_)) => Err(InterpolationError::NotText { name: name.to_string() }),
            Some(plain) => Ok(plain.to_string()),
        }
    }

    fn name(&mut self, name: &Name) -> Result<Option<Value>, InterpolationError> {
        let found = self.scope.lookup(name)?;
        let Some(found) = found else { return Ok(None) };
        if name.root() != "options" {
            return Ok(Some(found));
        }
        if self.open.contains(name) {
            return Err(InterpolationError::Cycle { name: name.to_string() });
        }
        self.open.push(name.clone());
        let expanded = self.value(&found);
        self.open.pop();
        expanded
    }
}
