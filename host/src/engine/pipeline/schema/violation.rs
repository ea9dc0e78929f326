//! What a schema has against a value, in the words of the configuration.

use super::super::node::{pointer_child, pointer_segments};
use super::super::suggest;
use super::shape::{describe, known_keys};
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

/// One thing that a schema has against a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// JSON pointer of the value in question; of an unknown key, the key's.
    pub(crate) pointer: String,
    /// Continues "`with.port` …".
    reason: String,
    pub(crate) hint: Option<String>,
    /// Whether the table's keys alone decide it, not their values.
    pub(crate) about_keys: bool,
}

impl Violation {
    /// The sentence, where `root` is the key that holds the value.
    pub(crate) fn message(&self, root: &str) -> String {
        format!("`{}` {}", dotted(root, &self.pointer), self.reason)
    }
}

/// `with.health.path` for `/health/path`.
fn dotted(root: &str, pointer: &str) -> String {
    std::iter::once(root.to_owned()).chain(pointer_segments(pointer)).collect::<Vec<_>>().join(".")
}

/// Everything that the schema has against the value; an error where the schema itself is none.
pub(crate) fn violations(schema: &Value, value: &Value) -> Result<Vec<Violation>, String> {
    let validator = jsonschema::validator_for(schema).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    for error in validator.iter_errors(value) {
        collect(schema, &error, &mut found);
    }
    Ok(found)
}

fn collect(schema: &Value, error: &ValidationError<'_>, found: &mut Vec<Violation>) {
    let pointer = error.instance_path().as_str().to_owned();
    let path: Vec<String> = pointer_segments(&pointer).collect();
    let mut push = |pointer: String, reason: String, hint: Option<String>, about_keys: bool| {
        found.push(Violation { pointer, reason, hint, about_keys });
    };
    match error.kind() {
        Kind::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            let hint = describe(schema, &[path, vec![key.to_owned()]].concat());
            push(pointer_child(&pointer, key), "is missing".into(), hint, true);
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let known = known_keys(schema, &path).unwrap_or_default();
            for key in unexpected {
                let hint = suggest::hint(key, known.iter().copied());
                push(pointer_child(&pointer, key), "is not a known key".into(), hint, true);
            }
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => match (words(context), meant(&pointer, context)) {
            (Some(options), _) => push(pointer, not_among(&options, error), near(&options, error), false),
            (None, Some(branch)) => branch.iter().for_each(|error| collect(schema, error, found)),
            (None, None) => {
                let reason = format!("is {}, which fits none of its forms", shown(error));
                push(pointer, reason, describe(schema, &path), false);
            }
        },
        Kind::Enum { options } => {
            let options = options.as_array().cloned().unwrap_or_default();
            push(pointer, not_among(&options, error), near(&options, error), false);
        }
        kind => push(pointer, reason(kind, error), describe(schema, &path), false),
    }
}

/// The words of an enum whose every word is a form of its own, as for words with descriptions.
fn words(context: &[Vec<ValidationError<'static>>]) -> Option<Vec<Value>> {
    let mut words = Vec::new();
    for branch in context {
        for error in branch {
            match error.kind() {
                Kind::Constant { expected_value } => words.push(expected_value.as_ref().clone()),
                Kind::Enum { options } => words.extend(options.as_array().into_iter().flatten().cloned()),
                Kind::Type { kind: TypeKind::Single(JsonType::Null | JsonType::String) } => {}
                _ => return None,
            }
        }
    }
    (!words.is_empty()).then_some(words)
}

fn not_among(options: &[Value], error: &ValidationError<'_>) -> String {
    let listed = options.iter().filter(|option| !option.is_null()).map(Value::to_string).collect::<Vec<_>>();
    format!("must be one of {}, not {}", listed.join(", "), shown(error))
}

fn near(options: &[Value], error: &ValidationError<'_>) -> Option<String> {
    let near = suggest::nearest(error.instance().as_str()?, options.iter().filter_map(Value::as_str))?;
    Some(format!("did you mean `{near}`?"))
}

/// The one form that was meant: that whose own type fits.
fn meant<'c>(pointer: &str, context: &'c [Vec<ValidationError<'static>>]) -> Option<&'c [ValidationError<'static>]> {
    let of_its_type = |errors: &&Vec<ValidationError<'static>>| {
        let other = |error: &ValidationError<'_>| {
            matches!(error.kind(), Kind::Type { .. }) && error.instance_path().as_str() == pointer
        };
        !errors.is_empty() && !errors.iter().any(other)
    };
    let not_null = |errors: &&Vec<ValidationError<'static>>| {
        !errors.iter().any(|error| matches!(error.kind(), Kind::Type { kind: TypeKind::Single(JsonType::Null) }))
    };
    let single = |branches: Vec<&'c Vec<ValidationError<'static>>>| match branches[..] {
        [only] => Some(only.as_slice()),
        _ => None,
    };
    single(context.iter().filter(of_its_type).collect()).or_else(|| single(context.iter().filter(not_null).collect()))
}

fn reason(kind: &Kind, error: &ValidationError<'_>) -> String {
    let value = shown(error);
    match kind {
        Kind::Type { kind } => format!("must be {}, not {value}", type_name(kind)),
        Kind::Minimum { limit } => format!("must be at least {limit}, not {value}"),
        Kind::Maximum { limit } => format!("must be at most {limit}, not {value}"),
        Kind::ExclusiveMinimum { limit } => format!("must be more than {limit}, not {value}"),
        Kind::ExclusiveMaximum { limit } => format!("must be less than {limit}, not {value}"),
        Kind::MinLength { limit: 1 } => "must not be empty".into(),
        Kind::Pattern { pattern } => format!("must match `{pattern}`, not {value}"),
        Kind::Constant { expected_value } => format!("must be {expected_value}, not {value}"),
        _ => format!("does not fit: {error}"),
    }
}

fn type_name(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => one_type(*kind).into(),
        TypeKind::Multiple(kinds) => {
            let kinds = kinds.iter().filter(|kind| *kind != JsonType::Null).map(one_type);
            kinds.collect::<Vec<_>>().join(" or ")
        }
    }
}

fn one_type(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Array => "a list",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Null => "absent",
        JsonType::Number => "a number",
        JsonType::Object => "a table",
        JsonType::String => "a text",
    }
}

fn shown(error: &ValidationError<'_>) -> String {
    match error.instance().as_ref() {
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "a table".into(),
        plain => plain.to_string(),
    }
}
