//! `windlass init`: between what the command line asks and what a template wants to know.

use crate::cli::{Answers, Question};
use crate::engine::{ShippedTemplates, pipeline};
use windlass_api_types::{ErrorKind, Failure};

/// Names of targets are asked for a group at a time, by this prefix.
const TARGETS: &str = "targets.";
const OPTIONS: &str = "options.";

/// What a template needs to be told.
pub(super) fn questions(template: &str) -> Result<Vec<Question>, Failure> {
    let asked = pipeline::questions(template, &ShippedTemplates).map_err(|errors| errors.failure())?;
    let question = |key: &str, text: String, default: Option<&str>| Question {
        key: key.into(),
        text,
        default: default.map(String::from),
    };
    let mut questions = vec![
        question("project", "The project's name".into(), None),
        question("environment", "Its first environment".into(), Some("production")),
    ];
    for group in &asked.groups {
        let text = format!("Names of the targets in the group `{group}`, separated by commas");
        questions.push(question(&format!("{TARGETS}{group}"), text, Some("web-1")));
    }
    for option in asked.options {
        let description = option.description.unwrap_or_else(|| option.name.clone());
        let text = match option.choices.is_empty() {
            true => description,
            false => format!("{description} ({})", option.choices.join(" | ")),
        };
        questions.push(question(&format!("{OPTIONS}{}", option.name), text, option.suggestion.as_deref()));
    }
    Ok(questions)
}

/// The text of a `windlass.toml`.
pub(super) fn text(template: &str, answers: &Answers) -> Result<String, Failure> {
    let asked = pipeline::questions(template, &ShippedTemplates).map_err(|errors| errors.failure())?;
    let given = |key: &str| answers.get(key).cloned().unwrap_or_default();
    for (key, what) in [("project", "a project"), ("environment", "an environment")] {
        let name = given(key);
        if !pipeline::is_name(&name) {
            let message = format!("`{name}` is no name for {what}");
            return Err(Failure::new(ErrorKind::InvalidInput, "name", message).hint(pipeline::NAME_HINT));
        }
    }
    let targets = |group: &String| {
        let names = given(&format!("{TARGETS}{group}"));
        let names = names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(String::from);
        (group.clone(), names.collect())
    };
    let options = asked.options.iter().filter_map(|option| {
        let typed = answers.get(&format!("{OPTIONS}{}", option.name))?;
        Some((option.name.clone(), option.read(typed)))
    });
    let answers = pipeline::Answers {
        project: given("project"),
        environment: given("environment"),
        domain: None,
        targets: asked.groups.iter().map(targets).collect(),
        options: options.collect(),
    };
    pipeline::init(template, &ShippedTemplates, &answers).map_err(|errors| errors.failure())
}
