//! `[[stage]]`: the keys of a stage.

use super::super::error::{Position, Problems};
use super::super::node::{At, Node, Table};
use super::super::reference::Reference;
use super::super::{Condition, OnFailure, UndoPolicy};
use super::{Keys, NAME_HINT, is_name};
use serde_json::Value;
use std::time::Duration;

const KEYS: &[&str] = &[
    "id",
    "before",
    "after",
    "phase",
    "uses",
    "run",
    "with",
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
const UNAVAILABLE: &[&str] = &["exclusive", "grants", "parallel"];

/// Words that mean something else where a stage's id may stand.
const RESERVED: &[&str] = &["all", "deployment", "server", "windlass"];

/// The most retries of a stage: beyond, a timeout is what is wanted.
const MAX_RETRIES: u32 = 100;

/// A stage as it stands in a text. Of an override, only some keys.
#[derive(Clone, Debug)]
pub(crate) struct StageTable {
    pub(crate) id: At<String>,
    pub(crate) before: Option<At<String>>,
    pub(crate) after: Option<At<String>>,
    pub(crate) table: Table,
}

/// The keys of a stage, with defaults.
#[derive(Debug)]
pub(crate) struct StageKeys {
    pub(crate) phase: Option<String>,
    pub(crate) uses: Option<At<Reference>>,
    pub(crate) run: Option<At<String>>,
    pub(crate) with: Option<At<Table>>,
    pub(crate) targets: Option<Vec<At<String>>>,
    pub(crate) rollout: Option<At<String>>,
    pub(crate) one_target: bool,
    pub(crate) timeout: Option<Duration>,
    pub(crate) retries: u32,
    pub(crate) on_failure: OnFailure,
    pub(crate) undo: UndoPolicy,
    pub(crate) when: Vec<At<Condition>>,
    pub(crate) always: bool,
    pub(crate) pivot: bool,
    pub(crate) watch: Option<At<bool>>,
    /// How long it waits for a person.
    pub(crate) approval: Option<Duration>,
}

/// "stage `up`: ", which begins every message about it.
pub(crate) fn stage_place(id: &str) -> String {
    format!("stage `{id}`: ")
}

/// Reads the `[[stage]]` tables of a text. Those without a usable id are reported and left out.
pub(crate) fn stage_tables(table: &Table, problems: &mut Problems) -> Vec<StageTable> {
    let Some(entry) = table.entry("stage") else { return Vec::new() };
    let Some(items) = entry.value.as_array().filter(|items| items.iter().all(|item| item.as_table().is_some())) else {
        problems.add(&entry.key_at, "stage", "`stage` must be a list of tables").hint("write [[stage]]");
        return Vec::new();
    };
    let mut stages: Vec<StageTable> = Vec::new();
    for item in items {
        let Some(stage) = item.as_table().and_then(|table| read_table(table, &item.at, problems)) else { continue };
        if let Some(first) = stages.iter().find(|earlier| earlier.id.value == stage.id.value) {
            let message = format!("stage `{}` is there twice, first in line {}", stage.id.value, first.id.at.line);
            problems
                .add(&stage.id.at, format!("stage.{}", stage.id.value), message)
                .hint("give one of them another id, or make them one");
        } else {
            stages.push(stage);
        }
    }
    stages
}

fn read_table(table: &Table, at: &Position, problems: &mut Problems) -> Option<StageTable> {
    let mut keys = Keys::new(table, at, "a stage: ", "stage.", problems);
    let id = keys.required_name("id", "give the stage an id: id = \"migrate\"")?;
    let place = stage_place(&id.value);
    let mut keys = Keys::new(table, at, &place, &format!("stage.{}.", id.value), problems).deferring();
    if RESERVED.contains(&id.value.as_str()) {
        keys.report(&id.at, "id", "this id is reserved", Some("choose another one"));
    }
    let (before, after) = (keys.name("before"), keys.name("after"));
    if let (Some(_), Some(after)) = (&before, &after) {
        keys.report(&after.at, "after", "it has both `before` and `after`", Some("one of them says where it goes"));
    }
    read_keys(&mut keys);
    Some(StageTable { id, before, after, table: table.clone() })
}

/// Reads a merged stage whose names have become values.
pub(crate) fn read_stage(stage: &StageTable, problems: &mut Problems) -> StageKeys {
    let (place, path) = (stage_place(&stage.id.value), format!("stage.{}.", stage.id.value));
    read_keys(&mut Keys::new(&stage.table, &stage.id.at, &place, &path, problems))
}

fn read_keys(keys: &mut Keys<'_, '_>) -> StageKeys {
    keys.check(KEYS, UNAVAILABLE);
    let on_failure = keys.one_of("on_failure", &[("fail", OnFailure::Fail), ("warn", OnFailure::Warn)], &[]);
    let undo =
        keys.one_of("undo", &[("auto", UndoPolicy::Auto), ("ask", UndoPolicy::Ask), ("never", UndoPolicy::Never)], &[]);
    StageKeys {
        phase: phase(keys),
        uses: keys.reference("uses"),
        run: keys.any_text("run"),
        with: keys.table("with"),
        targets: keys.groups("targets"),
        rollout: keys.value("rollout", "the name of a rollout", |node| node.as_text().map(str::to_owned)),
        one_target: keys.flag("one_target").unwrap_or(false),
        timeout: keys.duration("timeout"),
        retries: keys.integer("retries", MAX_RETRIES).unwrap_or(0),
        on_failure: on_failure.map_or(OnFailure::Fail, |word| word.value),
        undo: undo.map_or(UndoPolicy::Auto, |word| word.value),
        when: conditions(keys),
        always: keys.flag("always").unwrap_or(false),
        pivot: keys.flag("pivot").unwrap_or(false),
        approval: approval(keys),
        watch: keys.value("watch", "true or false", |node| node.to_json().as_bool()),
    }
}

/// What runs in any case waits for nobody.
fn approval(keys: &mut Keys<'_, '_>) -> Option<Duration> {
    let approval = keys.approval()?;
    if keys.flag("always") == Some(true) {
        let at = keys.place_of("approval");
        keys.report(
            at,
            "approval",
            "it has both `approval` and `always`",
            Some("what runs in any case waits for nobody: remove one"),
        );
        return None;
    }
    Some(approval)
}

fn phase(keys: &mut Keys<'_, '_>) -> Option<String> {
    let phase = keys.value("phase", "a text", |node| node.as_text().map(str::to_owned))?;
    if !is_name(&phase.value) {
        let message = format!("`phase` is {:?}, which is no name", phase.value);
        keys.report(&phase.at, "phase", &message, Some(NAME_HINT));
    }
    Some(phase.value)
}

fn conditions(keys: &mut Keys<'_, '_>) -> Vec<At<Condition>> {
    let Some(table) = keys.table("when") else { return Vec::new() };
    let mut conditions = Vec::new();
    for entry in &table.value.0 {
        match plain(&entry.value) {
            Some(equals) => {
                let condition = Condition { name: entry.key.clone(), equals };
                conditions.push(At { value: condition, at: entry.key_at.clone() });
            }
            None => {
                let message =
                    format!("`when`: `{}` must equal a text, a number or a boolean, or one of a list", entry.key);
                let hint = "`when` is a table of equalities: when = { \"environment.name\" = \"production\" }";
                keys.report(&entry.value.at, "when", &message, Some(hint));
            }
        }
    }
    conditions
}

/// The value of an equality: plain, and without names; or a list of such.
fn plain(node: &Node) -> Option<Value> {
    let is_plain = |node: &Node| node.is_plain() && !node.holds_names();
    let equals = is_plain(node) || node.as_array().is_some_and(|any| !any.is_empty() && any.iter().all(is_plain));
    equals.then(|| node.to_json())
}
