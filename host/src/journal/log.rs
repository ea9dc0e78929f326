//! Log lines: the guest's own, outside the cursor, and those an effect tees into the log.

use super::{CallError, Journal, Logged, Mode};
use crate::event::{Appender, NewEvent};
use std::sync::{Arc, Mutex, PoisonError};
use windlass_api_types::{EventBody, Level, OutputStream, StageRunId};

/// The longest line that is kept whole, in bytes: a browser shows it, and a database row holds it.
const LONGEST_LINE: usize = 16 * 1024;

/// Before the lines of an effect that was begun before and is performed once more from its beginning.
const ANEW: &str = "performed again: the server ended before it had the answer";

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
    /// What is in the log already and is to come once more, by streams.
    logged: Arc<Mutex<Logged>>,
    /// What there is to say before the first line.
    first: Arc<Mutex<Option<&'static str>>>,
}

impl Tee {
    /// A tee for the effect at the position `effect`. Of each stream the first lines that are `logged` are left
    /// out: the effect was performed before, and its command is found again with all that it said.
    pub(super) fn new(appender: Appender, run: StageRunId, effect: u64, logged: Logged) -> Self {
        Self { to: Some((appender, run, effect)), logged: Arc::new(Mutex::new(logged)), first: Arc::default() }
    }

    /// The same for an effect that is performed anew: what it says is in the log twice then, and the log says so.
    pub(super) fn anew(self) -> Self {
        Self { first: Arc::new(Mutex::new(Some(ANEW))), ..self }
    }

    /// A tee that keeps nothing: for plans.
    pub(crate) fn silent() -> Self {
        Self { to: None, logged: Arc::default(), first: Arc::default() }
    }

    /// Adds a line of the effect's own to the log. An error is met again, and told, when the effect's answer is
    /// recorded.
    pub async fn line(&self, level: Level, line: &str) {
        self.add(level, line, None).await;
    }

    /// Adds a line that the effect's command said, unless it is in the log.
    pub async fn output(&self, level: Level, stream: OutputStream, line: &str) {
        if !self.is_logged(stream) {
            self.add(level, line, Some(stream)).await;
        }
    }

    /// Whether the next line of a stream is in the log; it counts as said then.
    fn is_logged(&self, stream: OutputStream) -> bool {
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        let left = logged.of(stream);
        *left = match left.checked_sub(1) {
            Some(less) => less,
            None => return false,
        };
        true
    }

    async fn add(&self, level: Level, line: &str, stream: Option<OutputStream>) {
        let Some((appender, run, effect)) = &self.to else { return };
        self.begin().await;
        drop(appender.append(NewEvent::effect_line(*run, level, cut(line), *effect, stream)).await);
    }

    /// Says what comes before the first line.
    async fn begin(&self) {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(first), Some((appender, run, _))) = (first, &self.to) {
            drop(appender.append(NewEvent::host_line(Some(*run), Level::Info, first)).await);
        }
    }

    /// Whose log it is; nobody's in a plan.
    pub(super) fn run(&self) -> Option<(&Appender, StageRunId)> {
        self.to.as_ref().map(|(appender, run, _)| (appender, *run))
    }

    /// Records one attempt of a health check.
    pub async fn attempt(&self, attempt: u32, attempts: u32, healthy: bool, latency: u64, reason: &str) {
        let Some((appender, run, effect)) = &self.to else { return };
        self.begin().await;
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
