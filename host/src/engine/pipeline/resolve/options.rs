//! The options of a pipeline: with their defaults, and checked against the template's schema.

use super::super::early::{Subject, check_value};
use super::super::error::Problems;
use super::super::merge::{Merged, options_anywhere};
use super::super::names::Known;
use super::super::node::{Node, NodeValue, Table};
use super::super::read::{EnvironmentConfig, ProjectConfig};
use super::super::schema::{shape_of, with_defaults};
use super::super::scope::Scope;
use super::super::template::TemplateConfig;
use serde_json::{Value, json};

/// The options for one environment.
pub(crate) struct Options {
    pub(crate) value: Value,
    /// The same with the places of those that the project sets.
    pub(crate) node: Node,
    /// The schema of what they may be, set or not.
    pub(crate) schema: Value,
}

/// Resolves the options and puts them into the scope.
pub(crate) fn resolve_options(
    config: &ProjectConfig,
    merged: &Merged,
    template: Option<&TemplateConfig>,
    environment: &EnvironmentConfig,
    scope: &mut Scope,
    problems: &mut Problems,
) -> Options {
    let given = merged.options.to_json();
    let (value, schema) = match template {
        Some(template) => (with_defaults(&template.schema, given), template.schema.clone()),
        // Without a schema, what another environment sets is known here, too, and not set.
        None => (given, shape_of(&options_anywhere(config).to_json())),
    };
    scope.set("options", value.clone());
    let at = config.options_at.as_ref().unwrap_or(&environment.name.at);
    let mut table = value.as_object().map(|entries| Table::from_json(entries, at)).unwrap_or_default();
    table.merge(&merged.options);
    let node = Node { at: at.clone(), value: NodeValue::Table(table) };
    let known = Known { options: &value, schema: &schema, on_target: true, earlier: &[], stages: &[] };
    known.check_node(&node, &mut |text, unknown| {
        problems.add(&text.at, "options", format!("options: {}", unknown.message)).hint = unknown.hint;
    });
    let subject = Subject { node: &node, value: &value, place: "", path: "", root: "options" };
    let anything = json!(true);
    check_value(&subject, template.map_or(&anything, |template| &template.schema), scope, problems);
    Options { value, node, schema }
}
