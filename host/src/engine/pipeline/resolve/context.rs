//! What every part of the resolution looks things up in.

use super::super::error::Problems;
use super::super::expression;
use super::super::interpolate::interpolate;
use super::super::node::{At, Entry, Node, Table};
use super::super::read::EnvironmentConfig;
use super::super::scope::Scope;
use super::super::suggest;
use super::options::Options;
use serde_json::Value;

pub(crate) struct Context<'a> {
    /// What is known before a deployment.
    pub(crate) scope: &'a Scope,
    pub(crate) options: &'a Options,
    pub(crate) environment: &'a EnvironmentConfig,
}

impl Context<'_> {
    /// Checks that a group is one of the environment's; `place` begins the message.
    pub(crate) fn check_group(&self, group: &At<String>, place: &str, key: &str, problems: &mut Problems) {
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

    /// Puts values for names where a value must be known before a deployment runs. None: it has no
    /// value, or that was reported.
    pub(crate) fn early_node(&self, node: &Node, place: &str, key: &str, problems: &mut Problems) -> Option<Node> {
        match interpolate(&node.to_json(), self.scope) {
            Ok(value) => self.positioned(node, &value),
            Err(error) => {
                let hint = error.hint().unwrap_or_else(|| {
                    "this must be known before a deployment runs: options, project, domain, environment".into()
                });
                problems.add(&node.at, key, format!("{place}: {error}")).hint(hint);
                None
            }
        }
    }

    /// Puts values for names into every key of a table but those that are read while a deployment runs.
    pub(crate) fn early_table(
        &self,
        table: &Table,
        late: &[&str],
        place: &str,
        path: &str,
        problems: &mut Problems,
    ) -> Table {
        let entry = |entry: &Entry| {
            if late.contains(&entry.key.as_str()) {
                return Some(entry.clone());
            }
            let (place, key) = (format!("{place}`{}`", entry.key), format!("{path}{}", entry.key));
            let value = self.early_node(&entry.value, &place, &key, problems)?;
            Some(Entry { value, ..entry.clone() })
        };
        Table(table.0.iter().filter_map(entry).collect())
    }

    /// The value with its place: the option's where the project sets one, else that of the name.
    fn positioned(&self, node: &Node, value: &Value) -> Option<Node> {
        let name = node.as_text().and_then(expression::whole_name).filter(|name| name.root() == "options");
        let option = name.and_then(|name| self.options.node.find(&name.segments()[1..]));
        match option.unwrap_or(node) {
            same if same.to_json() == *value => Some(same.clone()),
            _ => Node::from_json(value, &node.at),
        }
    }
}
