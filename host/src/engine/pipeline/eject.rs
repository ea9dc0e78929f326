//! A project with a template, written out as a project with stages of its own.

use super::duration;
use super::error::{ConfigErrors, Problems};
use super::expression::{self, Name};
use super::merge::{Merged, merge, options_anywhere};
use super::model::{Queue, Templates};
use super::names::texts;
use super::node::{Node, NodeValue};
use super::read::{EnvironmentConfig, ProjectConfig, StageTable, stage_place};
use super::schema::{describe, with_defaults};
use super::scope::walk;
use super::template::{TemplateConfig, template_of};
use super::text;
use serde_json::{Map, Value, json};

#[cfg(test)]
mod tests;

/// The order in which the keys of a stage are written.
const STAGE_KEYS: &[&str] = &[
    "id",
    "phase",
    "uses",
    "run",
    "targets",
    "rollout",
    "one_target",
    "timeout",
    "retries",
    "on_failure",
    "undo",
    "when",
    "always",
    "pivot",
    "watch",
    "approval",
];

/// Writes a `windlass.toml` that resolves to the same pipelines without the template: all stages in
/// order, the options with their defaults.
///
/// # Errors
/// Where there is no template, or it or the way it is used is wrong.
pub fn eject(config: &ProjectConfig, templates: &dyn Templates) -> Result<String, ConfigErrors> {
    let Some(template) = template_of(config, templates)? else {
        let hint = "all stages are the project's own already".to_owned();
        return Err(Problems::single(&config.start, "template", "there is no template to eject", Some(hint)));
    };
    let mut problems = Problems::default();
    let merged = merge(config, Some(&template), &mut problems);
    let mut environments = String::new();
    for environment in &config.environments {
        merged.clone().specialize(environment, &mut problems);
        environments += &environment_text(environment, config, &template);
    }
    let mut stages = merged.stages.clone();
    let possible = possible_options(config, &template);
    for stage in &mut stages {
        forget_unset(stage, &possible, &mut problems);
    }
    problems.finish(())?;
    let mut out = format!("# Ejected from the template {}: every stage is this project's own.\n\n", template.label());
    out += &head(config, &merged);
    out += &options_text(config, &template);
    out += &environments;
    for rollout in &merged.rollouts {
        out += &format!("\n[rollout.{}]\n", text::key(&rollout.name.value));
        out += &lines(&rollout.table.to_json());
    }
    out.extend(stages.iter().map(stage_text));
    Ok(out)
}

/// Every option that has a value in some environment: without the schema, no others are known.
fn possible_options(config: &ProjectConfig, template: &TemplateConfig) -> Value {
    with_defaults(&template.schema, options_anywhere(config).to_json())
}

/// Takes keys out whose value is an option that is set nowhere; elsewhere such a name is an error.
fn forget_unset(stage: &mut StageTable, possible: &Value, problems: &mut Problems) {
    let unset = |name: &Name| name.root() == "options" && walk(possible, &name.segments()[1..]).is_none();
    let is_unset = |node: &Node| node.as_text().and_then(expression::whole_name).is_some_and(|name| unset(&name));
    for entry in &mut stage.table.0 {
        if let ("with", NodeValue::Table(with)) = (entry.key.as_str(), &mut entry.value.value) {
            with.retain(&|node| !is_unset(node));
        }
        let value = entry.value.to_json();
        let conditions = value.as_object().filter(|_| entry.key == "when").into_iter().flatten();
        let in_texts = texts(&value).into_iter().flat_map(expression::names);
        let mut names = conditions.filter_map(|(name, _)| Name::parse(name)).chain(in_texts);
        if let Some(name) = names.find(unset) {
            let message =
                format!("{}`{}` names `{name}`, which no environment sets", stage_place(&stage.id.value), entry.key);
            let hint = "without the template's schema it would be unknown: set it, then eject";
            problems.add(&entry.value.at, format!("stage.{}.{}", stage.id.value, entry.key), message).hint(hint);
        }
    }
}

fn head(config: &ProjectConfig, merged: &Merged) -> String {
    let mut head = Map::from_iter([("project".to_owned(), json!(config.project))]);
    head.extend(merged.domain.as_ref().map(|domain| ("domain".to_owned(), json!(domain.value))));
    head.extend(merged.timeout.as_ref().map(|timeout| ("timeout".to_owned(), timeout.to_json())));
    if config.queue == Queue::Supersede {
        head.insert("queue".to_owned(), json!(config.queue));
    }
    lines(&Value::Object(head))
}

fn lines(table: &Value) -> String {
    table.as_object().into_iter().flatten().map(|(key, value)| text::line(key, value) + "\n").collect()
}

fn options_text(config: &ProjectConfig, template: &TemplateConfig) -> String {
    let options = with_defaults(&template.schema, config.options.to_json());
    let line = |key: &String| {
        let description = describe(&template.schema, &[key]).unwrap_or_default();
        Some(text::comment(&description) + &text::line(key, options.get(key)?) + "\n")
    };
    // A template that allows any option has more than it names.
    let unnamed = options.as_object().into_iter().flatten().map(|(key, _)| key);
    let unnamed = unnamed.filter(|key| !template.options.contains(key));
    let lines: String = template.options.iter().chain(unnamed).filter_map(line).collect();
    if lines.is_empty() { lines } else { format!("\n[options]\n{lines}") }
}

fn environment_text(environment: &EnvironmentConfig, config: &ProjectConfig, template: &TemplateConfig) -> String {
    let groups = environment.groups.iter().map(|(group, targets)| {
        let names: Vec<&str> = targets.iter().map(|target| target.value.as_str()).collect();
        (group.clone(), json!(names))
    });
    let rollouts = environment.rollouts.iter().map(|rollout| (rollout.name.value.clone(), rollout.table.to_json()));
    let tables = [
        ("targets", Value::Object(groups.collect())),
        ("options", environment_options(environment, config, template)),
        ("rollout", Value::Object(rollouts.collect())),
    ];
    let mut out = format!("\n[environments.{}]\n", text::key(&environment.name.value));
    if let Some(domain) = &environment.domain {
        out += &(text::line("domain", &json!(domain.value)) + "\n");
    }
    if let Some(approval) = environment.approval {
        out += &(text::line("approval", &json!(duration::text(approval))) + "\n");
    }
    for (key, table) in tables.iter().filter(|(_, table)| table.as_object().is_some_and(|table| !table.is_empty())) {
        out += &(text::line(key, table) + "\n");
    }
    out
}

/// What the environment's options are beyond the project's, both with the template's defaults: those
/// of tables that only the environment has would be lost with the schema.
fn environment_options(environment: &EnvironmentConfig, config: &ProjectConfig, template: &TemplateConfig) -> Value {
    let of_project = with_defaults(&template.schema, config.options.to_json());
    let mut own = config.options.clone();
    own.merge(&environment.options);
    difference(&with_defaults(&template.schema, own.to_json()), &of_project)
}

/// The entries of `all` that are not so in `base`.
fn difference(all: &Value, base: &Value) -> Value {
    let entries = all.as_object().into_iter().flatten().filter(|(key, value)| base.get(key) != Some(value));
    let entry = |(key, value): (&String, &Value)| match base.get(key) {
        Some(base) if base.is_object() && value.is_object() => (key.clone(), difference(value, base)),
        _ => (key.clone(), value.clone()),
    };
    Value::Object(entries.map(entry).collect())
}

fn stage_text(stage: &StageTable) -> String {
    let mut out = "\n[[stage]]\n".to_owned();
    for key in STAGE_KEYS {
        if let Some(node) = stage.table.get(key) {
            out += &(text::line(key, &node.to_json()) + "\n");
        }
    }
    match stage.table.get("with").map(|with| lines(&with.to_json())) {
        Some(with) if !with.is_empty() => out + "[stage.with]\n" + &with,
        _ => out,
    }
}
