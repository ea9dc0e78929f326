//! The rollouts of a pipeline.

use super::super::error::Problems;
use super::super::model::{BatchSize, Revert, Rollout};
use super::super::node::At;
use super::super::read::{Keys, NamedTable, read_rollout};
use super::context::Context;

/// A rollout under its name.
pub(crate) struct NamedRollout {
    pub(crate) name: At<String>,
    pub(crate) value: Rollout,
}

pub(crate) fn resolve_rollouts(
    tables: &[NamedTable],
    context: &Context<'_>,
    problems: &mut Problems,
) -> Vec<NamedRollout> {
    tables.iter().map(|table| resolve_rollout(table, context, problems)).collect()
}

fn resolve_rollout(
    NamedTable { name, table }: &NamedTable,
    context: &Context<'_>,
    problems: &mut Problems,
) -> NamedRollout {
    let (place, path) = (format!("rollout `{}`: ", name.value), format!("rollout.{}.", name.value));
    let table = context.early_table(table, &[], &place, &path, problems);
    let mut keys = Keys::new(&table, &name.at, &place, &path, problems);
    let read = read_rollout(&mut keys);
    if table.get("targets").is_none() {
        keys.report(&name.at, "targets", "`targets` is missing", Some("name a target group: targets = \"web\""));
    }
    let groups = read.targets.unwrap_or_default();
    for group in &groups {
        context.check_group(group, &place, &format!("{path}targets"), problems);
    }
    let rollout = Rollout {
        targets: groups.into_iter().map(|group| group.value).collect(),
        batch: read.batch.unwrap_or_else(|| vec![BatchSize::Percent(100)]),
        revert: read.revert.map_or(Revert::Batch, |revert| revert.value),
    };
    NamedRollout { name: name.clone(), value: rollout }
}
