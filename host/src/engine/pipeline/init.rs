//! A `windlass.toml` to start from: what a template must know is asked, the rest stands there as a
//! comment with its default.

use super::error::{ConfigErrors, Position, Problems};
use super::interpolate::interpolate;
use super::model::Templates;
use super::node::Node;
use super::reference::Wanted;
use super::schema::{describe, with_defaults};
use super::scope::Scope;
use super::template::{TemplateConfig, read_template};
use super::{suggest, text};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[cfg(test)]
mod tests;

/// What has to be asked before a project can begin with a template.
#[derive(Clone, Debug, PartialEq)]
pub struct Questions {
    /// What the template is for, one sentence.
    pub summary: String,
    /// The options without which the template does nothing, and those whose default fits few.
    pub options: Vec<Question>,
    /// The target groups it deploys to by default.
    pub groups: Vec<String>,
}

/// An option to be asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub name: String,
    /// What it is, one sentence without a period.
    pub description: Option<String>,
    /// Words of which it must be one; empty: any.
    pub choices: Vec<String>,
    /// What fits most; may hold `${project}`. Absent: it must be answered.
    pub suggestion: Option<String>,
    kind: Option<String>,
}

/// What a project begins with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    pub project: String,
    /// The first environment.
    pub environment: String,
    pub domain: Option<String>,
    /// Names of targets by group.
    pub targets: BTreeMap<String, Vec<String>>,
    /// Values of options.
    pub options: Map<String, Value>,
}

impl Question {
    /// The value that somebody typed. What does not read as the option's type stays a text; the schema
    /// says so later.
    pub fn read(&self, typed: &str) -> Value {
        let typed = typed.trim();
        let plain = match self.kind.as_deref() {
            Some("integer" | "number" | "boolean") => serde_json::from_str(typed).ok(),
            _ => None,
        };
        plain.unwrap_or_else(|| json!(typed))
    }
}

/// What has to be asked for a template, found by its name.
pub fn questions(template: &str, templates: &dyn Templates) -> Result<Questions, ConfigErrors> {
    let template = find(template, templates)?;
    let question = |name: &str| {
        let property = &template.schema["properties"][name];
        Question {
            name: name.into(),
            description: describe(&template.schema, &[name]),
            choices: property["enum"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(Into::into)
                .collect(),
            suggestion: suggestion(name).map(Into::into),
            kind: property["type"].as_str().map(Into::into),
        }
    };
    Ok(Questions {
        options: required(&template).into_iter().chain(suggested(&template)).map(question).collect(),
        groups: groups(&template),
        summary: template.summary,
    })
}

/// The text of a `windlass.toml` with all of a template's options explained. A required option without
/// an answer is left as a comment; resolving then says that it is missing.
pub fn init(template: &str, templates: &dyn Templates, answers: &Answers) -> Result<String, ConfigErrors> {
    let template = find(template, templates)?;
    let mut out = text::comment(&template.summary);
    out += &format!("\n{}\n", text::line("project", &json!(answers.project)));
    out += &format!("{}\n", text::line("template", &json!(format!("{}@{}", template.name, template.version.major))));
    out += "# Where people reach it; `${domain}` stands for it below.\n";
    out += &match &answers.domain {
        Some(domain) => text::line("domain", &json!(domain)) + "\n",
        None => text::disabled("domain = \"www.example.com\""),
    };
    out += "\n[options]\n";
    let options = template.options.iter().map(|name| option(name, &template, answers));
    out += &options.collect::<Vec<_>>().join("\n");
    out +=
        &format!("\n# One table for each place where it lives.\n[environments.{}]\n", text::key(&answers.environment));
    out += "# The machines of each target group; `windlass target add` registers one.\n";
    out += &match answers.targets.is_empty() {
        true => {
            let groups = groups(&template).into_iter().map(|group| (group, json!(["NAME"])));
            text::disabled(&text::line("targets", &Value::Object(groups.collect())))
        }
        false => text::line("targets", &json!(answers.targets)) + "\n",
    };
    Ok(out)
}

fn option(name: &str, template: &TemplateConfig, answers: &Answers) -> String {
    let schema = &template.schema["properties"][name];
    let mut out = text::comment(&describe(&template.schema, &[name]).unwrap_or_default());
    for (key, _) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(description) = describe(&template.schema, &[name, key]) {
            out += &text::comment(&format!("- {key}: {description}"));
        }
    }
    if let Some(choices) = schema["enum"].as_array() {
        let choices: Vec<String> = choices.iter().map(text::value).collect();
        out += &text::comment(&format!("One of {}.", choices.join(", ")));
    }
    let default = with_defaults(&template.schema, json!({}))[name].clone();
    out + &match (answers.options.get(name), default) {
        (Some(answer), _) => text::line(name, answer) + "\n",
        (None, Value::Null) if required(template).contains(&name) => {
            text::disabled(&format!("{} = …   (required)", text::key(name)))
        }
        (None, Value::Null) => text::disabled(&format!("{} = …   (not set)", text::key(name))),
        (None, default) => text::disabled(&text::line(name, &default)),
    }
}

/// Options that have a default and are asked for all the same: `/srv` belongs to root on most machines, a
/// directory in the user's home to whoever deploys; the repository is the one that the directory is of.
const SUGGESTED: &[(&str, &str)] =
    &[("directory", "apps/${project}"), ("repository", "${repository}"), ("service", "${project}")];

fn suggestion(name: &str) -> Option<&'static str> {
    SUGGESTED.iter().find(|(option, _)| *option == name).map(|(_, suggestion)| *suggestion)
}

fn suggested(template: &TemplateConfig) -> impl Iterator<Item = &str> {
    let has = |name: &&str| template.options.iter().any(|option| option == name);
    let required = required(template);
    // A default that is the same for every project is a convention, which a suggestion would only hide.
    let fixed = |name: &&str| {
        let default = template.schema["properties"][*name]["default"].as_str();
        default.is_some_and(|default| !default.contains("${"))
    };
    SUGGESTED.iter().map(|(name, _)| *name).filter(has).filter(move |name| !required.contains(name) && !fixed(name))
}

fn required(template: &TemplateConfig) -> Vec<&str> {
    template.schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The groups that stages and rollouts name, with the options' defaults.
fn groups(template: &TemplateConfig) -> Vec<String> {
    let mut scope = Scope::default();
    scope.set("options", with_defaults(&template.schema, json!({})));
    let stages = template.stages.iter().map(|stage| &stage.table);
    let tables = stages.chain(template.rollouts.iter().map(|rollout| &rollout.table));
    let mut groups = BTreeSet::new();
    for targets in tables.filter_map(|table| table.get("targets")).map(Node::to_json) {
        match interpolate(&targets, &scope) {
            Ok(Value::String(group)) => drop(groups.insert(group)),
            Ok(Value::Array(names)) => groups.extend(names.iter().filter_map(Value::as_str).map(str::to_owned)),
            // Depends on what only the project says; it is asked for by name then.
            _ => {}
        }
    }
    groups.into_iter().collect()
}

fn find(name: &str, templates: &dyn Templates) -> Result<TemplateConfig, ConfigErrors> {
    match templates.get(name, Wanted::Newest) {
        Some(text) => read_template(name, text),
        None => {
            let names = templates.names();
            let hint = suggest::hint(name, names.iter().map(String::as_str));
            let at = Position { file: "windlass.toml".into(), line: 1, column: 1 };
            Err(Problems::single(&at, "template", format!("there is no template `{name}`"), hint))
        }
    }
}
