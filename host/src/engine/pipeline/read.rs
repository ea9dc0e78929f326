//! `windlass.toml` → [`ProjectConfig`]: its shape is checked here, its meaning by `resolve`.

mod keys;
mod rollout;
mod stage;

pub(crate) use keys::Keys;
pub(crate) use rollout::read_rollout;
pub(crate) use stage::{StageKeys, StageTable, read_stage, stage_place, stage_tables};

use super::error::{ConfigErrors, Position, Problems};
use super::model::Queue;
use super::node::{At, Node, Table, parse};
use super::reference::Reference;
use std::time::Duration;

/// The name of the file, in errors.
const FILE: &str = "windlass.toml";

/// The longest name of a project, environment, group, rollout or stage: they become parts of file and
/// unit names on targets.
const MAX_NAME: usize = 63;

const KEYS: &[&str] =
    &["project", "template", "domain", "timeout", "queue", "options", "environments", "rollout", "stage"];
const UNAVAILABLE: &[&str] = &["approval", "exclusive", "secrets", "grants", "protections"];
const ENVIRONMENT_KEYS: &[&str] = &["targets", "domain", "approval", "options", "rollout"];
const ENVIRONMENT_UNAVAILABLE: &[&str] =
    &["exclusive", "queue", "timeout", "variables", "secrets", "grants", "protections"];

/// A project's configuration, well-formed and not yet resolved.
#[derive(Clone, Debug)]
pub struct ProjectConfig {
    pub(crate) project: String,
    pub(crate) template: Option<At<Reference>>,
    /// May hold names.
    pub(crate) domain: Option<At<String>>,
    pub(crate) timeout: Option<Node>,
    pub(crate) queue: Queue,
    /// The place of `[options]`.
    pub(crate) options_at: Option<Position>,
    pub(crate) options: Table,
    pub(crate) environments: Vec<EnvironmentConfig>,
    pub(crate) rollouts: Vec<NamedTable>,
    pub(crate) stages: Vec<StageTable>,
    pub(crate) start: Position,
}

/// `[environments.<name>]`.
#[derive(Clone, Debug)]
pub(crate) struct EnvironmentConfig {
    pub(crate) name: At<String>,
    pub(crate) groups: Vec<(String, Vec<At<String>>)>,
    pub(crate) domain: Option<At<String>>,
    /// How long it waits for a person.
    pub(crate) approval: Option<Duration>,
    pub(crate) options: Table,
    pub(crate) rollouts: Vec<NamedTable>,
}

/// A table under a name of the user's, such as `[rollout.web]`.
#[derive(Clone, Debug)]
pub(crate) struct NamedTable {
    pub(crate) name: At<String>,
    pub(crate) table: Table,
}

impl ProjectConfig {
    /// The project's name.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// How long a deployment to an environment waits for a person before it begins; none: it asks nobody.
    pub fn approval(&self, environment: &str) -> Option<Duration> {
        self.environments.iter().find(|known| known.name.value == environment)?.approval
    }

    /// The names of its environments, in the order of the text.
    pub fn environments(&self) -> impl Iterator<Item = &str> {
        self.environments.iter().map(|environment| environment.name.value.as_str())
    }
}

/// Reads the text of a `windlass.toml`. Every error is found, not the first only.
pub fn read_config(text: &str) -> Result<ProjectConfig, ConfigErrors> {
    let root = parse(FILE, text)?;
    let start = root.at.clone();
    let table = root.as_table().cloned().unwrap_or_default();
    let mut problems = Problems::default();
    let mut keys = Keys::new(&table, &start, "", "", &mut problems).deferring();
    keys.check(KEYS, UNAVAILABLE);
    let queue = keys.one_of("queue", &[("fifo", Queue::Fifo), ("supersede", Queue::Supersede)], &[]);
    keys.duration("timeout");
    let project = keys.required_name("project", "name the project: project = \"shop\"");
    let template = keys.reference("template");
    let domain = keys.any_text("domain");
    let options = keys.table("options");
    let environments = keys.table("environments");
    let rollouts = keys.table("rollout");
    let stages = stage_tables(&table, &mut problems);
    let config = ProjectConfig {
        project: project.map(|name| name.value).unwrap_or_default(),
        template,
        domain,
        timeout: table.get("timeout").cloned(),
        queue: queue.map(|queue| queue.value).unwrap_or_default(),
        options_at: options.as_ref().map(|options| options.at.clone()),
        options: options.map(|options| options.value).unwrap_or_default(),
        environments: read_environments(environments, &mut problems),
        rollouts: named_rollouts(rollouts, "", &mut problems),
        stages,
        start,
    };
    problems.finish(config)
}

fn read_environments(table: Option<At<Table>>, problems: &mut Problems) -> Vec<EnvironmentConfig> {
    let named = named_tables(table, "environment", "environments", problems);
    named.into_iter().map(|named| read_environment(named, problems)).collect()
}

fn read_environment(NamedTable { name, table }: NamedTable, problems: &mut Problems) -> EnvironmentConfig {
    let place = format!("environment `{}`: ", name.value);
    let path = format!("environments.{}.", name.value);
    let mut keys = Keys::new(&table, &name.at, &place, &path, problems);
    keys.check(ENVIRONMENT_KEYS, ENVIRONMENT_UNAVAILABLE);
    let domain = keys.any_text("domain");
    let approval = keys.approval();
    let options = keys.table("options").map(|options| options.value).unwrap_or_default();
    let targets = keys.table("targets").map(|targets| targets.value).unwrap_or_default();
    let rollouts = keys.table("rollout");
    let mut keys = Keys::new(&targets, &name.at, &place, &format!("{path}targets."), problems);
    let groups = targets.0.iter().map(|entry| (entry.key.clone(), keys.group(&entry.key))).collect();
    EnvironmentConfig { groups, domain, approval, options, rollouts: named_rollouts(rollouts, &place, problems), name }
}

/// Reads `[rollout.<name>]` tables; what they hold is checked for its shape.
pub(crate) fn named_rollouts(table: Option<At<Table>>, place: &str, problems: &mut Problems) -> Vec<NamedTable> {
    let named = named_tables(table, "rollout", "rollout", problems);
    for NamedTable { name, table } in &named {
        let place = format!("{place}rollout `{}`: ", name.value);
        let path = format!("rollout.{}.", name.value);
        read_rollout(&mut Keys::new(table, &name.at, &place, &path, problems).deferring());
    }
    named
}

fn named_tables(table: Option<At<Table>>, what: &str, path: &str, problems: &mut Problems) -> Vec<NamedTable> {
    let mut named = Vec::new();
    for entry in table.map(|table| table.value.0).unwrap_or_default() {
        let key = format!("{path}.{}", entry.key);
        if !is_name(&entry.key) {
            problems
                .add(&entry.key_at, key, format!("`{}` is no name for {} {what}", entry.key, article(what)))
                .hint(NAME_HINT);
        } else if let Some(table) = entry.value.as_table() {
            named.push(NamedTable { name: At { value: entry.key, at: entry.key_at }, table: table.clone() });
        } else {
            let message = format!("{what} `{}` must be a table, not {}", entry.key, entry.value.description());
            problems.add(&entry.value.at, &key, message).hint(format!("write [{key}]"));
        }
    }
    named
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// What a name has to be.
pub const NAME_HINT: &str = "a name has lower-case letters, digits and dashes and begins with a letter";

/// Whether it can name a project, environment, group, rollout, stage, plugin or template.
pub fn is_name(text: &str) -> bool {
    let letters = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    letters && text.len() <= MAX_NAME && text.starts_with(|c: char| c.is_ascii_lowercase()) && !text.ends_with('-')
}
