//! Questions to people: an effect asks, and finds what became of a question.

use super::Tee;
use crate::event::{NewEvent, now};
use std::time::Duration;
use windlass_api_types::approval::{Approval, key_of_plugin};
use windlass_api_types::{DeploymentState, EventBody, StageRunId};

impl Tee {
    /// Asks, in the name of the stage run. One that is asked already is the same question. An error is met again, and
    /// told, when the effect's answer is recorded.
    pub async fn ask(&self, key: &str, prompt: &str, open: Duration) {
        let Some((appender, run)) = self.run() else { return };
        let Some(key) = appender.with_state(|state| full_key(state, run, key)) else { return };
        if appender.with_state(|state| state.approval(&key).is_some()) {
            return;
        }
        let open = i64::try_from(open.as_millis()).unwrap_or(i64::MAX);
        let (prompt, expires) = (prompt.to_owned(), now().saturating_add(open));
        let asked = EventBody::ApprovalRequested { key, prompt, expires, stage: None };
        drop(appender.append(NewEvent::of_run(run, asked)).await);
    }

    /// What became of a question that the stage run asked.
    pub fn question(&self, key: &str) -> Option<Approval> {
        let (appender, run) = self.run()?;
        appender.with_state(|state| state.approval(&full_key(state, run, key)?).cloned())
    }
}

fn full_key(state: &DeploymentState, run: StageRunId, key: &str) -> Option<String> {
    let run = state.runs.iter().rev().find(|known| known.id == run)?;
    Some(key_of_plugin(run, key))
}
