//! What stages mean for each other: rollouts in one piece, one pivot, always-stages last.

use super::super::error::Problems;
use super::super::model::{Place, Revert, Stage};
use super::super::node::At;
use super::super::read::{ProjectConfig, StageTable, stage_place};
use super::rollouts::NamedRollout;

pub(crate) fn check_order(
    tables: &[StageTable],
    stages: &[Stage],
    rollouts: &[NamedRollout],
    config: &ProjectConfig,
    problems: &mut Problems,
) {
    if tables.is_empty() && problems.is_empty() {
        let hint = "name a template, template = \"process@1\", or add a [[stage]]";
        problems.add(&config.start, "stage", "the pipeline has no stages").hint(hint);
    }
    let mut order = Order { tables, problems };
    order.check_pieces(stages);
    order.check_used(stages, rollouts);
    order.check_pivot(stages, rollouts);
    order.check_always(stages);
}

struct Order<'a> {
    tables: &'a [StageTable],
    problems: &'a mut Problems,
}

impl Order<'_> {
    /// Reports something about a stage.
    fn report(&mut self, stage: &Stage, key: &str, message: &str, hint: &str) {
        let Some(table) = self.tables.iter().find(|table| table.id.value == stage.id) else { return };
        let at = table.table.entry(key).map_or(&table.id.at, |entry| &entry.key_at);
        let message = format!("{}{message}", stage_place(&stage.id));
        self.problems.add(at, format!("stage.{}.{key}", stage.id), message).hint(hint);
    }

    fn check_pieces(&mut self, stages: &[Stage]) {
        for (index, stage) in stages.iter().enumerate() {
            let Some(name) = rollout_of(stage) else { continue };
            let before = &stages[..index];
            let first = before.iter().position(|earlier| rollout_of(earlier) == Some(name));
            let between = first.and_then(|first| before[first..].iter().find(|other| rollout_of(other) != Some(name)));
            if let (Some(between), true) = (between, before.last().is_some_and(|last| rollout_of(last) != Some(name))) {
                let message =
                    format!("the stages of rollout `{name}` must follow each other; `{}` is between", between.id);
                self.report(stage, "rollout", &message, "move one of them, or make another rollout of the second part");
            }
        }
    }

    fn check_used(&mut self, stages: &[Stage], rollouts: &[NamedRollout]) {
        // A stage that was left out may be the one that is missed here.
        let complete = self.problems.is_empty();
        for NamedRollout { name: At { value: name, at }, .. } in rollouts {
            if complete && !stages.iter().any(|stage| rollout_of(stage) == Some(name)) {
                self.problems
                    .add(at, format!("rollout.{name}"), format!("rollout `{name}` has no stages"))
                    .hint(format!("give a stage `rollout = \"{name}\"`, or remove it"));
            }
        }
    }

    fn check_pivot(&mut self, stages: &[Stage], rollouts: &[NamedRollout]) {
        let mut pivots = stages.iter().filter(|stage| stage.pivot);
        let Some(pivot) = pivots.next() else { return };
        for second in pivots {
            let message = format!("stage `{}` is the pivot already, and there is one", pivot.id);
            self.report(second, "pivot", &message, "remove one `pivot = true`");
        }
        if pivot.always {
            let hint = "an always-stage runs after failures, too; make another stage the pivot";
            self.report(pivot, "pivot", "the pivot cannot be `always`", hint);
        }
        let rollout = rollouts.iter().find(|rollout| rollout_of(pivot) == Some(rollout.name.value.as_str()));
        if let Some(rollout) = rollout.filter(|rollout| rollout.value.revert == Revert::All) {
            let name = &rollout.name.value;
            let message =
                format!("the pivot is inside rollout `{name}`, whose `revert = \"all\"` wants it behind the rollout");
            let hint = "what has passed the pivot is not undone: move the pivot behind, or revert = \"batch\"";
            self.report(pivot, "pivot", &message, hint);
        }
    }

    fn check_always(&mut self, stages: &[Stage]) {
        let first = stages.iter().find(|stage| stage.always);
        let from_first = stages.iter().skip_while(|stage| !stage.always);
        for stage in from_first {
            if stage.always && rollout_of(stage).is_some() {
                let hint = "give it the rollout's `targets` instead";
                self.report(stage, "always", "a stage of a rollout cannot be `always`", hint);
            } else if let Some(first) = first.filter(|_| !stage.always) {
                let message = format!("it comes after `{}`, which is `always`: those come last", first.id);
                self.report(stage, "id", &message, "move one of them");
            }
        }
    }
}

fn rollout_of(stage: &Stage) -> Option<&str> {
    match &stage.place {
        Place::Rollout { name } => Some(name),
        _ => None,
    }
}
