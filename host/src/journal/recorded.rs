//! What a stage run has recorded: its effects in order, read from the deployment's events.

use super::{Call, Divergence};
use std::collections::{HashMap, VecDeque};
use windlass_api_types::{EffectAnswer, Event, EventBody, OutputStream, Resolution, StageRunId, Timestamp};

/// One recorded effect.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedEffect {
    pub call: Call,
    /// Its answer and when it was recorded; absent where the server died before that.
    pub answer: Option<(EffectAnswer, Timestamp)>,
    /// What a person said of it, where it has none.
    pub resolution: Option<Resolution>,
    /// How often a person said that it is to be performed anew.
    pub retries: u32,
}

/// How many lines of a command's output are in the log, by its streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logged {
    pub stdout: u64,
    pub stderr: u64,
}

impl Logged {
    /// The count of one stream.
    pub fn of(&mut self, stream: OutputStream) -> &mut u64 {
        match stream {
            OutputStream::Stdout => &mut self.stdout,
            OutputStream::Stderr => &mut self.stderr,
        }
    }
}

/// The recorded effects that the guest has not asked for yet, and how many lines it has logged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    effects: VecDeque<RecordedEffect>,
    /// By the effect's position; of effects without an answer only.
    logged: HashMap<u64, Logged>,
    /// The ordinal of the last log call that is recorded.
    pub ordinal: u64,
}

impl Recorded {
    /// Reads the record of one stage run.
    pub fn of_run<'a>(run: StageRunId, events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut recorded = Self::default();
        events.into_iter().filter(|event| event.stage_run == Some(run)).for_each(|event| recorded.take(event));
        recorded
    }

    /// Takes the next event of the stage run in.
    pub fn take(&mut self, event: &Event) {
        match &event.body {
            EventBody::EffectStarted { position, function, policy, arguments } => {
                // One that was performed again takes the place of the first time.
                let before = self.effects.pop_back_if(|last| last.call.position == *position);
                let call = Call {
                    position: *position,
                    function: function.clone(),
                    policy: *policy,
                    arguments: arguments.clone(),
                };
                let retries = before.map_or(0, |before| before.retries);
                self.effects.push_back(RecordedEffect { call, answer: None, resolution: None, retries });
            }
            EventBody::EffectCompleted { position, answer, .. } => {
                self.logged.remove(position);
                if let Some(effect) = self.effects.back_mut() {
                    effect.answer = Some((answer.clone(), event.at));
                }
            }
            EventBody::EffectResolved { position, resolution, .. } => {
                if let Some(effect) = self.effects.back_mut() {
                    effect.resolution = Some(*resolution);
                    if *resolution == Resolution::Retry {
                        effect.retries += 1;
                        self.logged.remove(position);
                    }
                }
            }
            EventBody::LogWritten { effect: Some(effect), stream: Some(stream), .. } => {
                *self.logged.entry(*effect).or_default().of(*stream) += 1;
            }
            EventBody::LogWritten { ordinal: Some(ordinal), .. }
            | EventBody::StepStarted { ordinal }
            | EventBody::ProgressMade { ordinal, .. } => self.ordinal = self.ordinal.max(*ordinal),
            _ => {}
        }
    }

    /// The lines of an effect without an answer that are in the log: a repeat that finds its command again
    /// must not say them again.
    pub fn logged(&self, position: u64) -> Logged {
        self.logged.get(&position).copied().unwrap_or_default()
    }

    /// How many effects are left.
    pub fn len(&self) -> usize {
        self.effects.len()
    }

    /// Whether no effect is left.
    pub fn is_empty(&self) -> bool {
        self.effects.is_empty()
    }

    /// What is recorded of the next call; nothing where the record ends.
    pub(super) fn next(&mut self, asked: &Call) -> Result<Option<RecordedEffect>, Divergence> {
        let Some(effect) = self.effects.pop_front() else { return Ok(None) };
        if effect.call != *asked {
            return Err(Divergence::Different { recorded: Box::new(effect.call), asked: Box::new(asked.clone()) });
        }
        Ok(Some(effect))
    }

    /// An effect that is left when the guest has ended is a divergence.
    pub(super) fn finish(&self) -> Result<(), Divergence> {
        match self.effects.front() {
            None => Ok(()),
            Some(effect) => {
                Err(Divergence::Shorter { recorded: Box::new(effect.call.clone()), ended: "it ended".into() })
            }
        }
    }
}
