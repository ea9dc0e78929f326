//! `[rollout.<name>]`: which groups it passes over, in which batches, what a failure undoes.

use super::super::node::{At, Node};
use super::super::{BatchSize, Revert};
use super::Keys;

/// The keys of a rollout; absent ones are none.
#[derive(Debug, Default)]
pub(crate) struct RolloutKeys {
    pub(crate) targets: Option<Vec<At<String>>>,
    pub(crate) batch: Option<Vec<BatchSize>>,
    pub(crate) revert: Option<At<Revert>>,
}

pub(crate) fn read_rollout(keys: &mut Keys<'_, '_>) -> RolloutKeys {
    keys.check(&["targets", "batch", "revert"], &["pause", "approval"]);
    let words = [("batch", Revert::Batch), ("all", Revert::All), ("none", Revert::None)];
    RolloutKeys {
        targets: keys.groups("targets"),
        batch: keys
            .value("batch", "a list of numbers of targets and percents, such as [1, \"25%\", \"100%\"]", read_batch)
            .map(|batch| batch.value),
        revert: keys.one_of("revert", &words, &[]),
    }
}

fn read_batch(node: &Node) -> Option<Vec<BatchSize>> {
    let one = std::slice::from_ref(node);
    let sizes = node.as_array().unwrap_or(one);
    sizes.iter().map(read_size).collect::<Option<Vec<_>>>().filter(|sizes| !sizes.is_empty())
}

fn read_size(node: &Node) -> Option<BatchSize> {
    if let Some(text) = node.as_text() {
        let percent = text.strip_suffix('%')?.parse::<u8>().ok()?;
        return (1..=100).contains(&percent).then_some(BatchSize::Percent(percent));
    }
    let count = u32::try_from(node.to_json().as_u64()?).ok()?;
    (count > 0).then_some(BatchSize::Count(count))
}
