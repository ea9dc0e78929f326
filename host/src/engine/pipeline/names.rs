//! The names in `${…}` and `when`, checked before anything starts.

use super::expression::{self, Name, Part};
use super::node::{Node, NodeValue};
use super::schema::{known_keys, property};
use super::scope::{ROOTS, walk};
use super::suggest;
use serde_json::Value;

/// What may be named at some place of a configuration.
pub(crate) struct Known<'a> {
    pub(crate) options: &'a Value,
    /// The schema of the options: what they may be, set or not.
    pub(crate) schema: &'a Value,
    /// Whether `target` means something.
    pub(crate) on_target: bool,
    /// The earlier stages with the schemas of their outputs.
    pub(crate) earlier: &'a [(String, Value)],
    /// The ids of all stages.
    pub(crate) stages: &'a [String],
}

/// Why a name is not known, and what to do.
pub(crate) struct UnknownName {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl UnknownName {
    fn new(message: impl Into<String>, hint: impl Into<Option<String>>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

impl Known<'_> {
    /// Checks every name in the texts of a value; the first argument of `report` is the text's node.
    pub(crate) fn check_node(&self, node: &Node, report: &mut dyn FnMut(&Node, UnknownName)) {
        match &node.value {
            NodeValue::Text(text) => self.check_text(text).into_iter().for_each(|unknown| report(node, unknown)),
            NodeValue::Array(items) => items.iter().for_each(|item| self.check_node(item, report)),
            NodeValue::Table(table) => table.0.iter().for_each(|entry| self.check_node(&entry.value, report)),
            _ => {}
        }
    }

    fn check_text(&self, text: &str) -> Vec<UnknownName> {
        let parts = match expression::parse(text) {
            Ok(parts) => parts,
            Err(error) => {
                return vec![UnknownName::new(error.to_string(), "for a literal `${` write `$${`".to_owned())];
            }
        };
        let names = parts.iter().filter_map(|part| if let Part::Name(name) = part { Some(name) } else { None });
        names.filter_map(|name| self.check(name).err()).collect()
    }

    /// Checks one name.
    pub(crate) fn check(&self, name: &Name) -> Result<(), UnknownName> {
        let segments = name.segments();
        match segments.as_slice() {
            ["options", path @ ..] => self.check_option(name, path),
            ["stages", ..] => self.check_output(name, &segments),
            ["variables", _] | ["project" | "domain"] => Ok(()),
            ["variables", ..] => {
                Err(UnknownName::new(format!("`{name}` is not a known name"), "write `variables.NAME`".to_owned()))
            }
            ["target", ..] if !self.on_target => {
                let hint = "give the stage `targets` or a `rollout`".to_owned();
                Err(UnknownName::new(format!("`{name}` has no meaning in a stage that runs on the server"), hint))
            }
            [root, path @ ..] => check_builtin(name, root, path),
            [] => Ok(()),
        }
    }

    fn check_option(&self, name: &Name, path: &[&str]) -> Result<(), UnknownName> {
        if let Some(value) = walk(self.options, path) {
            return self.check_inside(name, value);
        }
        if !path.is_empty() && property(self.schema, path).is_some() {
            return Ok(());
        }
        let mut known: Vec<&str> =
            self.options.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        known.extend(known_keys(self.schema, &path[..0]).unwrap_or_default());
        known.sort_unstable();
        known.dedup();
        let whole: Vec<String> = known.iter().map(|key| format!("options.{key}")).collect();
        let hint = suggest::hint(&name.to_string(), whole.iter().map(String::as_str));
        Err(UnknownName::new(format!("`{name}` is not a known option"), hint))
    }

    /// An option may hold names that have no meaning where it is used.
    fn check_inside(&self, name: &Name, value: &Value) -> Result<(), UnknownName> {
        if self.on_target || !texts(value).iter().flat_map(|text| expression::names(text)).any(|n| n.root() == "target")
        {
            return Ok(());
        }
        let message = format!("`{name}` holds a name of `target`, which has no meaning in a stage on the server");
        Err(UnknownName::new(message, "give the stage `targets` or a `rollout`".to_owned()))
    }

    fn check_output(&self, name: &Name, segments: &[&str]) -> Result<(), UnknownName> {
        let ["stages", stage, "outputs", path @ ..] = segments else {
            let hint = "write `stages.<id>.outputs.<name>`".to_owned();
            return Err(UnknownName::new(format!("`{name}` is not a known name"), hint));
        };
        let Some((_, schema)) = self.earlier.iter().find(|(id, _)| id == stage) else {
            return Err(if self.stages.iter().any(|id| id == stage) {
                let message = format!("`{name}`: stage `{stage}` does not run before this one");
                UnknownName::new(message, "only outputs of earlier stages are known".to_owned())
            } else {
                let hint = suggest::hint(stage, self.earlier.iter().map(|(id, _)| id.as_str()));
                UnknownName::new(format!("`{name}`: there is no stage `{stage}`"), hint)
            });
        };
        for (depth, segment) in path.iter().enumerate() {
            if let Some(known) = known_keys(schema, &path[..depth])
                && !known.contains(segment)
            {
                let hint = suggest::hint(segment, known);
                return Err(UnknownName::new(format!("`{name}`: stage `{stage}` has no output `{segment}`"), hint));
            }
        }
        Ok(())
    }
}

/// Names of which windlass itself knows all.
fn check_builtin(name: &Name, root: &str, path: &[&str]) -> Result<(), UnknownName> {
    let Some((_, known)) = ROOTS.iter().find(|(known, _)| *known == root) else {
        let hint =
            suggest::nearest(root, ROOTS.iter().map(|(root, _)| *root)).map(|near| format!("did you mean `{near}`?"));
        let hint = hint.unwrap_or_else(|| "for a literal `${` write `$${`".into());
        return Err(UnknownName::new(format!("`{name}` is not a known name"), hint));
    };
    match path {
        [key] if known.contains(key) => Ok(()),
        _ => {
            let whole: Vec<String> = known.iter().map(|key| format!("{root}.{key}")).collect();
            let hint = suggest::hint(&name.to_string(), whole.iter().map(String::as_str));
            Err(UnknownName::new(format!("`{name}` is not a known name"), hint))
        }
    }
}

/// Every text in a value.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(entries) => entries.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
