//! A configuration, a template and an environment → a [`Pipeline`]. Everything that can be known to be
//! wrong before a deployment starts is found here.

mod groups;
mod order;
mod rollouts;
mod stages;

use super::early::{Subject, check_value};
use super::error::{ConfigErrors, Problems};
use super::interpolate::interpolate;
use super::merge::{Merged, merge, options_anywhere};
use super::model::{Pipeline, Plugins, Templates};
use super::names::Known;
use super::node::{At, Entry, Node, NodeValue, Table};
use super::read::{EnvironmentConfig, ProjectConfig};
use super::schema::{shape_of, with_defaults};
use super::scope::Scope;
use super::template::{TemplateConfig, template_of};
use super::{duration, suggest};
use serde_json::{Value, json};
use std::time::Duration;

/// Resolves the pipeline of one environment. `targets` are the names of the registered targets.
///
/// # Errors
/// Everything that is wrong, each with its place in `windlass.toml` or in the template.
pub fn resolve(
    config: &ProjectConfig,
    environment: &str,
    templates: &dyn Templates,
    plugins: &dyn Plugins,
    targets: &[String],
) -> Result<Pipeline, ConfigErrors> {
    let environment = find_environment(config, environment)?;
    let template = template_of(config, templates)?;
    let mut problems = Problems::default();
    let mut merged = merge(config, template.as_ref(), &mut problems);
    merged.specialize(environment, &mut problems);
    let groups = groups::resolve_groups(environment, targets, &mut problems);
    let mut scope = Scope::default();
    scope.set("project", json!(config.project)).set("environment", json!({ "name": environment.name.value }));
    let sound = problems.count();
    let domain = resolve_domain(&merged, &scope, &mut problems);
    scope.set("domain", json!(domain));
    let possible = match &template {
        Some(template) => template.schema.clone(),
        None => shape_of(&options_anywhere(config).to_json()),
    };
    let options = resolve_options(config, &merged, template.as_ref(), &possible, &mut scope, &mut problems);
    if problems.count() > sound {
        // Every stage would repeat the errors of the options it uses.
        problems.stop_if_any()?;
    }
    let timeout = resolve_timeout(&merged, &scope, &mut problems);
    let context = Context { scope: &scope, options: &options, possible: &possible, environment };
    let rollouts = rollouts::resolve_rollouts(&merged.rollouts, &context, &mut problems);
    let stages = stages::resolve_stages(&merged.stages, &rollouts, &context, plugins, &mut problems);
    order::check_order(&merged.stages, &stages, &rollouts, config, &mut problems);
    problems.finish(Pipeline {
        project: config.project.clone(),
        environment: environment.name.value.clone(),
        domain,
        template: template.as_ref().map(TemplateConfig::label),
        options,
        groups,
        stages,
        rollouts: rollouts.into_iter().map(|rollout| (rollout.name.value, rollout.value)).collect(),
        timeout,
    })
}

/// What every part of the resolution looks things up in.
struct Context<'a> {
    /// What is known before a deployment.
    scope: &'a Scope,
    options: &'a Value,
    /// The schema of the options.
    possible: &'a Value,
    environment: &'a EnvironmentConfig,
}

impl Context<'_> {
    /// Checks that a group is one of the environment's; `place` begins the message.
    fn check_group(&self, group: &At<String>, place: &str, key: &str, problems: &mut Problems) {
        let known = || self.environment.groups.iter().map(|(name, _)| name.as_str());
        if known().any(|name| name == group.value) {
            return;
        }
        let (group_name, environment) = (&group.value, &self.environment.name.value);
        let message = format!("{place}environment `{environment}` has no target group `{group_name}`");
        problems.add(&group.at, key, message).hint(match suggest::nearest(group_name, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("under [environments.{environment}] write: targets = {{ {group_name} = [\"NAME\"] }}"),
        });
    }
}

fn find_environment<'c>(config: &'c ProjectConfig, name: &str) -> Result<&'c EnvironmentConfig, ConfigErrors> {
    let found = config.environments.iter().find(|environment| environment.name.value == name);
    found.ok_or_else(|| {
        let hint = suggest::hint(name, config.environments());
        let hint = hint.unwrap_or_else(|| format!("add a table [environments.{name}]"));
        Problems::single(&config.start, "environments", format!("there is no environment `{name}`"), Some(hint))
    })
}

/// The domain may hold names of the project and the environment.
fn resolve_domain(merged: &Merged, scope: &Scope, problems: &mut Problems) -> Option<String> {
    let domain = merged.domain.as_ref()?;
    match interpolate(&json!(domain.value), scope) {
        Ok(value) => value.as_str().map(str::to_owned),
        Err(error) => {
            let hint = error.hint().unwrap_or_else(|| "a domain knows `project` and `environment.name`".into());
            problems.add(&domain.at, "domain", format!("`domain`: {error}")).hint(hint);
            None
        }
    }
}

/// The options with their defaults, checked; puts them into the scope.
fn resolve_options(
    config: &ProjectConfig,
    merged: &Merged,
    template: Option<&TemplateConfig>,
    possible: &Value,
    scope: &mut Scope,
    problems: &mut Problems,
) -> Value {
    let given = merged.options.to_json();
    let options = match template {
        Some(template) => with_defaults(&template.schema, given),
        None => given,
    };
    scope.set("options", options.clone());
    let node = Node { at: config.options_at.clone(), value: NodeValue::Table(merged.options.clone()) };
    let known = Known { options: &options, schema: possible, on_target: true, earlier: &[], stages: &[] };
    known.check_node(&node, &mut |at, unknown| {
        problems.add(&at.at, "options", format!("options: {}", unknown.message)).hint = unknown.hint;
    });
    let subject = Subject { node: &node, value: &options, place: "", path: "", root: "options" };
    let anything = json!(true);
    check_value(&subject, template.map_or(&anything, |template| &template.schema), scope, problems);
    options
}

fn resolve_timeout(merged: &Merged, scope: &Scope, problems: &mut Problems) -> Option<Duration> {
    let node = early_node(merged.timeout.as_ref()?, "`timeout`", "timeout", scope, problems)?;
    let timeout = node.as_text().and_then(duration::parse);
    if timeout.is_none() {
        let message = format!("`timeout` must be a duration such as \"10m\", not {}", node.description());
        problems.add(&node.at, "timeout", message);
    }
    timeout
}

/// Puts values for names where a value must be known before a deployment runs. None: it has no value,
/// or that was reported.
fn early_node(node: &Node, place: &str, key: &str, scope: &Scope, problems: &mut Problems) -> Option<Node> {
    match interpolate(&node.to_json(), scope) {
        Ok(value) => reposition(node, &value),
        Err(error) => {
            let hint = error.hint().unwrap_or_else(|| {
                "this must be known before a deployment runs: options, project, domain, environment".into()
            });
            problems.add(&node.at, key, format!("{place}: {error}")).hint(hint);
            None
        }
    }
}

/// The value as a node; whatever it holds stands where the original stood.
fn reposition(node: &Node, value: &Value) -> Option<Node> {
    if *value == node.to_json() { Some(node.clone()) } else { Node::from_json(value, &node.at) }
}

/// Puts values for names into every key of a table but those that are read while a deployment runs.
fn early_table(table: &Table, late: &[&str], place: &str, path: &str, scope: &Scope, problems: &mut Problems) -> Table {
    let entry = |entry: &Entry| {
        if late.contains(&entry.key.as_str()) {
            return Some(entry.clone());
        }
        let (place, key) = (format!("{place}`{}`", entry.key), format!("{path}{}", entry.key));
        let value = early_node(&entry.value, &place, &key, scope, problems)?;
        Some(Entry { value, ..entry.clone() })
    };
    Table(table.0.iter().filter_map(entry).collect())
}
