//! Log lines: the guest's own, outside the cursor, and those an effect tees into the log.

use super::{CallError, Journal, Mode};
use crate::event::{Appender, NewEvent};
use windlass_api_types::{EventBody, Level, StageRunId};

/// The longest line that is kept whole, in bytes: a browser shows it, and a database row holds it.
const LONGEST_LINE: usize = 16 * 1024;

impl<W: Send + Sync + 'static> Journal<W> {
    /// The guest writes a message: a line of the log for each of its lines.
    pub async fn write(&self, level: Level, message: &str) -> Result<(), CallError> {
        for line in message.lines() {
            let Some((appender, ordinal)) = self.next_line() else { continue };
            appender.append(NewEvent::guest_line(self.run(), level, cut(line), ordinal)).await?;
        }
        Ok(())
    }

    /// The guest starts a step.
    pub async fn step(&self, name: &str) -> Result<(), CallError> {
        let Some((appender, ordinal)) = self.next_line() else { return Ok(()) };
        let body = EventBody::StepStarted { ordinal };
        appender.append(NewEvent::of_run(self.run(), body).message(cut(name))).await?;
        Ok(())
    }

    /// The guest reports progress; `keep` is false where it reports more often than anyone can see.
    pub async fn progress(&self, done: u64, total: Option<u64>, unit: String, keep: bool) -> Result<(), CallError> {
        let Some((appender, ordinal)) = self.next_line() else { return Ok(()) };
        if keep {
            let body = EventBody::ProgressMade { ordinal, done, total, unit };
            appender.append(NewEvent::of_run(self.run(), body)).await?;
        }
        Ok(())
    }

    /// Counts a log call; answers where it goes, or nothing where it is recorded already or where
    /// nothing is recorded.
    fn next_line(&self) -> Option<(&Appender, u64)> {
        let mut cursor = self.cursor();
        cursor.ordinal += 1;
        let ordinal = cursor.ordinal;
        match &self.inner.mode {
            Mode::Perform(appender, _) if ordinal > cursor.recorded.ordinal => Some((appender, ordinal)),
            _ => None,
        }
    }
}

/// Where the output of an effect goes: the log of its stage run, as lines that belong to the effect.
#[derive(Clone)]
pub struct Tee {
    to: Option<(Appender, StageRunId, u64)>,
}

impl Tee {
    pub(super) fn new(appender: Appender, run: StageRunId, effect: u64) -> Self {
        Self { to: Some((appender, run, effect)) }
    }

    /// A tee that keeps nothing: for plans.
    pub(crate) fn silent() -> Self {
        Self { to: None }
    }

    /// Adds a line to the log. An error is met again, and told, when the effect's answer is recorded.
    pub async fn line(&self, level: Level, line: &str) {
        let Some((appender, run, effect)) = &self.to else { return };
        drop(appender.append(NewEvent::effect_line(*run, level, cut(line), *effect)).await);
    }

    /// Whose log it is; nobody's in a plan.
    pub(super) fn run(&self) -> Option<(&Appender, StageRunId)> {
        self.to.as_ref().map(|(appender, run, _)| (appender, *run))
    }

    /// Records one attempt of a health check.
    pub async fn attempt(&self, attempt: u32, attempts: u32, healthy: bool, latency: u64, reason: &str) {
        let Some((appender, run, effect)) = &self.to else { return };
        let level = if healthy { Level::Info } else { Level::Warning };
        let body = EventBody::ProbeAttempted { effect: *effect, attempt, attempts, healthy, latency };
        let message = format!("{attempt}/{attempts}: {reason}");
        drop(appender.append(NewEvent::of_run(*run, body).level(level).message(message)).await);
    }
}

/// Cuts a line that is too long, and says so.
fn cut(line: &str) -> String {
    let line = line.trim_end_matches('\r');
    if line.len() <= LONGEST_LINE {
        return line.into();
    }
    let end = line.floor_char_boundary(LONGEST_LINE);
    format!("{}… ({} bytes more)", &line[..end], line.len() - end)
}
