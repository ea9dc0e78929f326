//! The effects of a deployment, as its events tell them.

use serde_json::Value;
use std::collections::HashMap;
use windlass_api_types::{AnswerOrigin, EffectAnswer, Event, EventBody, RepeatPolicy, RunMode, StageRunId, Timestamp};

mod summary;
pub use summary::{answer_summary, summary};

/// Every effect in the order of its start.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    pub rows: Vec<EffectRow>,
    runs: HashMap<StageRunId, (String, Option<String>, u32, RunMode)>,
    /// The effect of a run that was started last.
    last: HashMap<StageRunId, usize>,
}

/// One effect.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectRow {
    pub run: StageRunId,
    pub stage: String,
    pub target: Option<String>,
    pub attempt: u32,
    pub mode: RunMode,
    /// Counts from 0 within its stage run.
    pub position: u64,
    /// Interface and function, such as `ssh-exec.exec`.
    pub function: String,
    pub policy: RepeatPolicy,
    pub arguments: Value,
    pub started_at: Timestamp,
    pub answer: Option<Answer>,
    /// Attempts of a health check so far.
    pub probes: u32,
}

/// The answer of an effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub value: EffectAnswer,
    pub origin: AnswerOrigin,
    /// Milliseconds.
    pub took: u64,
}

impl Effects {
    /// Takes in what concerns effects; answers whether anything changed.
    pub fn take(&mut self, event: &Event) -> bool {
        let Some(run) = event.stage_run else { return false };
        match &event.body {
            EventBody::StageRunStarted { stage, target, attempt, mode, .. } => {
                self.runs.insert(run, (stage.clone(), target.clone(), *attempt, *mode));
                false
            }
            EventBody::EffectStarted { position, function, policy, arguments } => {
                let Some((stage, target, attempt, mode)) = self.runs.get(&run).cloned() else { return false };
                // One that is performed again, because its server died before it had an answer, is the same.
                if self.change(run, *position, |row| row.probes = 0) {
                    return true;
                }
                self.last.insert(run, self.rows.len());
                self.rows.push(EffectRow {
                    run,
                    stage,
                    target,
                    attempt,
                    mode,
                    position: *position,
                    function: function.clone(),
                    policy: *policy,
                    arguments: arguments.clone(),
                    started_at: event.at,
                    answer: None,
                    probes: 0,
                });
                true
            }
            EventBody::EffectCompleted { position, answer, origin, took } => self.change(run, *position, |row| {
                row.answer = Some(Answer { value: answer.clone(), origin: *origin, took: *took });
            }),
            EventBody::ProbeAttempted { effect, attempt, .. } => self.change(run, *effect, |row| row.probes = *attempt),
            _ => false,
        }
    }

    /// Changes an effect that is under way: always the last of its run, since a stage makes one call at a time.
    fn change(&mut self, run: StageRunId, position: u64, change: impl FnOnce(&mut EffectRow)) -> bool {
        let row = self.last.get(&run).and_then(|index| self.rows.get_mut(*index));
        match row.filter(|row| row.position == position) {
            Some(row) => {
                change(row);
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::fixture::{event, run_started};
    use super::*;
    use serde_json::json;

    fn started(seq: u64, run: u128, position: u64) -> Event {
        event(
            seq,
            Some(run),
            "effect_started",
            json!({
                "position": position, "function": "ssh-exec.exec", "policy": "reattachable", "arguments": {},
            }),
        )
    }

    fn completed(seq: u64, run: u128, position: u64, took: u64) -> Event {
        event(
            seq,
            Some(run),
            "effect_completed",
            json!({
                "position": position, "answer": { "ok": null }, "origin": "performed", "took": took,
            }),
        )
    }

    #[test]
    fn an_effect_that_is_performed_again_is_one() {
        let mut effects = Effects::default();
        for event in
            [run_started(1, 1, "up", None), started(2, 1, 0), started(3, 1, 0), completed(4, 1, 0, 7), started(5, 1, 1)]
        {
            effects.take(&event);
        }
        let shown: Vec<_> = effects.rows.iter().map(|row| (row.position, row.answer.is_some())).collect();
        assert_eq!(shown, [(0, true), (1, false)]);
    }

    #[test]
    fn answers_find_their_effect_among_those_of_other_runs() {
        let mut effects = Effects::default();
        for event in [
            run_started(1, 1, "up", Some("web-1")),
            run_started(2, 2, "up", Some("web-2")),
            started(3, 1, 0),
            started(4, 2, 0),
            event(
                5,
                Some(1),
                "probe_attempted",
                json!({
                    "effect": 0, "attempt": 3, "attempts": 12, "healthy": false, "latency": 4,
                }),
            ),
            completed(6, 1, 0, 7),
            started(7, 1, 1),
        ] {
            effects.take(&event);
        }
        let shown: Vec<_> = effects
            .rows
            .iter()
            .map(|row| (row.target.as_deref(), row.position, row.probes, row.answer.as_ref().map(|a| a.took)))
            .collect();
        assert_eq!(shown, [(Some("web-1"), 0, 3, Some(7)), (Some("web-2"), 0, 0, None), (Some("web-1"), 1, 0, None)]);
    }

    #[test]
    fn an_answer_without_its_effect_changes_nothing() {
        let mut effects = Effects::default();
        effects.take(&run_started(1, 1, "up", None));
        assert!(!effects.take(&completed(2, 1, 0, 7)));
    }
}
