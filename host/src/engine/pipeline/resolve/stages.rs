//! The stages of a pipeline: each with its plugin pinned, its config checked, its place known.

use super::super::early::{Subject, check_value};
use super::super::error::{Position, Problems};
use super::super::expression::{self, Name};
use super::super::interpolate::holds;
use super::super::model::{Condition, Place, PluginInfo, PluginPin, Plugins, Stage};
use super::super::names::Known;
use super::super::node::{At, Entry, Node, NodeValue, Table};
use super::super::read::{StageKeys, StageTable, read_stage, stage_place};
use super::super::reference::{Reference, Wanted};
use super::super::scope::walk;
use super::super::{schema, suggest};
use super::context::Context;
use super::rollouts::NamedRollout;
use serde_json::Value;

/// Read while a deployment runs, so they may hold any name.
const LATE: &[&str] = &["with", "run", "when", "id", "before", "after"];

/// Resolves every stage. One with an unknown plugin is left out, and reported.
pub(crate) fn resolve_stages(
    tables: &[StageTable],
    rollouts: &[NamedRollout],
    context: &Context<'_>,
    plugins: &dyn Plugins,
    problems: &mut Problems,
) -> Vec<Stage> {
    let ids: Vec<String> = tables.iter().map(|table| table.id.value.clone()).collect();
    let mut earlier = Vec::new();
    let mut stages = Vec::new();
    for table in tables {
        let id = &table.id.value;
        let (place, path) = (stage_place(id), format!("stage.{id}."));
        let early = context.early_table(&table.table, LATE, &place, &path, problems);
        let keys = read_stage(&StageTable { table: early, ..table.clone() }, problems);
        let mut reading = Reading { id: &table.id, place, path, keys, context, problems };
        let stage_place = reading.place(rollouts);
        let plugin = reading.plugin(plugins);
        let with = reading.with();
        let known = Known {
            options: &context.options.value,
            schema: &context.options.schema,
            on_target: stage_place != Place::Server,
            earlier: &earlier,
            stages: &ids,
        };
        reading.check_names(&with, &known);
        if let Some(plugin) = &plugin {
            reading.check_config(&with, plugin);
            reading.check_watch(plugin);
        }
        let outputs = plugin.as_ref().map_or_else(|| serde_json::json!(true), |plugin| plugin.outputs_schema.clone());
        earlier.push((id.clone(), outputs));
        stages.extend(plugin.map(|plugin| reading.stage(stage_place, &with, &plugin)));
    }
    stages
}

/// One stage being resolved.
struct Reading<'a> {
    id: &'a At<String>,
    place: String,
    path: String,
    keys: StageKeys,
    context: &'a Context<'a>,
    problems: &'a mut Problems,
}

impl Reading<'_> {
    fn report(&mut self, at: &Position, key: &str, message: &str, hint: Option<String>) {
        let message = format!("{}{message}", self.place);
        self.problems.add(at, format!("{}{key}", self.path), message).hint = hint;
    }

    fn place(&mut self, rollouts: &[NamedRollout]) -> Place {
        let place = match (self.keys.rollout.clone(), self.keys.targets.clone()) {
            (Some(rollout), Some(_)) => {
                let hint = "the rollout has its targets; remove one of the two".to_owned();
                self.report(&rollout.at, "rollout", "it has both `targets` and `rollout`", Some(hint));
                Place::Rollout { name: rollout.value }
            }
            (Some(rollout), None) => {
                let known = || rollouts.iter().map(|rollout| rollout.name.value.as_str());
                if !known().any(|name| name == rollout.value) {
                    let hint = suggest::hint(&rollout.value, known())
                        .unwrap_or_else(|| format!("add a table [rollout.{}]", rollout.value));
                    let message = format!("there is no rollout `{}`", rollout.value);
                    self.report(&rollout.at, "rollout", &message, Some(hint));
                }
                Place::Rollout { name: rollout.value }
            }
            (None, Some(groups)) => {
                for group in &groups {
                    self.context.check_group(group, &self.place, &format!("{}targets", self.path), self.problems);
                }
                Place::Targets { groups: groups.into_iter().map(|group| group.value).collect() }
            }
            (None, None) => Place::Server,
        };
        if self.keys.one_target && !matches!(place, Place::Targets { .. }) {
            let hint = "give it `targets`, or remove `one_target`".to_owned();
            self.report(&self.id.at, "one_target", "`one_target` is for a stage with `targets`", Some(hint));
        }
        place
    }

    fn plugin(&mut self, plugins: &dyn Plugins) -> Option<PluginInfo> {
        let (reference, at) = match (self.keys.uses.clone(), self.keys.run.clone()) {
            (Some(uses), Some(run)) => {
                let hint = "`run` is a shell line for the plugin `run`; remove one of the two".to_owned();
                self.report(&run.at, "run", "it has both `uses` and `run`", Some(hint));
                (uses.value, uses.at)
            }
            (Some(uses), None) => (uses.value, uses.at),
            (None, Some(run)) => (Reference { name: "run".into(), wanted: Wanted::Major(1) }, run.at),
            (None, None) => {
                let hint = "name a plugin, uses = \"NAME@1\", or a shell line, run = \"…\"".to_owned();
                self.report(&self.id.at, "uses", "it has neither `uses` nor `run`", Some(hint));
                return None;
            }
        };
        let found = plugins.find(&reference.name, reference.wanted);
        if found.is_none() {
            let (message, hint) = match plugins.find(&reference.name, Wanted::Newest) {
                Some(newest) => (
                    format!("plugin `{}` has no version {}", reference.name, reference.wanted),
                    Some(format!("the newest is {}", newest.version)),
                ),
                None => {
                    let names = plugins.names();
                    let hint = suggest::hint(&reference.name, names.iter().map(String::as_str));
                    (format!("there is no plugin `{}`", reference.name), hint)
                }
            };
            self.report(&at, "uses", &message, hint);
        }
        found
    }

    /// The config: `with`, and the shell line of `run` as its `command`.
    fn with(&mut self) -> Node {
        let mut with = self.keys.with.clone().unwrap_or_else(|| At { value: Table::default(), at: self.id.at.clone() });
        if let Some(run) = self.keys.run.clone().filter(|_| self.keys.uses.is_none()) {
            if let Some(command) = with.value.entry("command") {
                let hint = Some("the line of `run` is the command".to_owned());
                let at = command.key_at.clone();
                self.report(&at, "with.command", "it has both `run` and `with.command`", hint);
            }
            let value = Node { at: run.at.clone(), value: NodeValue::Text(run.value) };
            with.value.set(Entry { key: "command".into(), key_at: run.at, value });
        }
        Node { at: with.at, value: NodeValue::Table(with.value) }
    }

    fn check_names(&mut self, with: &Node, known: &Known<'_>) {
        let mut found = Vec::new();
        known.check_node(with, &mut |node, unknown| found.push((node.at.clone(), "with", unknown)));
        for At { value: condition, at } in &self.keys.when {
            match Name::parse(&condition.name) {
                Some(name) => found.extend(known.check(&name).err().map(|unknown| (at.clone(), "when", unknown))),
                None => {
                    let message = format!("{}`when`: {:?} is not a dotted name", self.place, condition.name);
                    self.problems.add(at, format!("{}when", self.path), message);
                }
            }
        }
        for (at, key, unknown) in found {
            self.report(&at, key, &unknown.message, unknown.hint);
        }
    }

    fn check_config(&mut self, with: &Node, plugin: &PluginInfo) {
        let subject =
            Subject { node: with, value: &with.to_json(), place: &self.place, path: &self.path, root: "with" };
        check_value(&subject, &schema::close(&plugin.config_schema), self.context.scope, self.problems);
    }

    /// What a plugin does not look at cannot be watched.
    fn check_watch(&mut self, plugin: &PluginInfo) {
        if let Some(At { at, .. }) = self.keys.watch.clone().filter(|watch| watch.value && !plugin.health) {
            let message = format!("`watch` needs a plugin that checks health, and `{}` does not", plugin.name);
            let hint = "remove it, or put it on a stage of a plugin such as http-health".to_owned();
            self.report(&at, "watch", &message, Some(hint));
        }
    }

    fn stage(self, place: Place, with: &Node, plugin: &PluginInfo) -> Stage {
        let keys = self.keys;
        let when: Vec<Condition> = keys.when.into_iter().map(|condition| condition.value).collect();
        // One that is known not to run is no point of no return.
        let pivot = keys.pivot && holds(&when, self.context.scope) != Ok(false);
        Stage {
            id: self.id.value.clone(),
            phase: keys.phase,
            uses: PluginPin {
                name: plugin.name.clone(),
                version: plugin.version.to_string(),
                digest: plugin.digest.clone(),
            },
            with: without_absent(&with.to_json(), &self.context.options.value),
            place,
            one_target: keys.one_target,
            timeout: keys.timeout,
            retries: keys.retries,
            on_failure: keys.on_failure,
            undo: keys.undo,
            when,
            always: keys.always,
            pivot,
            watch: keys.watch.is_some_and(|watch| watch.value),
            approval: keys.approval,
        }
    }
}

/// Leaves out the keys whose value is an option that is not set.
fn without_absent(value: &Value, options: &Value) -> Value {
    let absent = |value: &Value| {
        let name = value.as_str().and_then(expression::whole_name).filter(|name| name.root() == "options");
        name.is_some_and(|name| walk(options, &name.segments()[1..]).is_none())
    };
    match value {
        Value::Object(entries) => {
            let present = entries.iter().filter(|(_, value)| !absent(value));
            Value::Object(present.map(|(key, value)| (key.clone(), without_absent(value, options))).collect())
        }
        Value::Array(items) => items.iter().map(|item| without_absent(item, options)).collect(),
        plain => plain.clone(),
    }
}
