//! An event before it has a place in the record.

use crate::store::StateWrite;
use windlass_api_types::{CommandId, EventBody, Level, OutputStream, StageRunId, StageStatus, Timestamp};

/// An event to append. The appender gives it its `seq`, and its time where it has none.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The stage run it belongs to; absent on events of the deployment itself.
    pub stage_run: Option<StageRunId>,
    /// Absent: the time at which the appender takes it.
    pub at: Option<Timestamp>,
    /// Present on log lines and on the ends of stage runs that failed.
    pub level: Option<Level>,
    /// A log line's text; elsewhere a short sentence for people, or nothing.
    pub message: String,
    pub body: EventBody,
    /// What is written to a plugin's state in the event's transaction.
    pub state_write: Option<StateWrite>,
    /// The command that became this event; its row goes in the event's transaction.
    pub command: Option<CommandId>,
}

impl NewEvent {
    /// An event of the deployment itself.
    pub fn of_deployment(body: EventBody) -> Self {
        Self { stage_run: None, at: None, level: None, message: String::new(), body, state_write: None, command: None }
    }

    /// An event of a stage run.
    pub fn of_run(stage_run: StageRunId, body: EventBody) -> Self {
        Self { stage_run: Some(stage_run), ..Self::of_deployment(body) }
    }

    /// The end of a stage run. One that failed has a level, so that the log finds it among its lines.
    pub fn end_of_run(stage_run: StageRunId, body: EventBody) -> Self {
        let level = match &body {
            EventBody::StageRunEnded { status: StageStatus::Warned, .. } => Some(Level::Warning),
            EventBody::StageRunEnded { status: StageStatus::Failed | StageStatus::TimedOut, will_retry, .. } => {
                Some(if *will_retry { Level::Warning } else { Level::Error })
            }
            _ => None,
        };
        Self { level, ..Self::of_run(stage_run, body) }
    }

    /// A log line of the host, about the deployment or about a stage run.
    pub fn host_line(stage_run: Option<StageRunId>, level: Level, text: impl Into<String>) -> Self {
        Self::line(stage_run, level, text, EventBody::LogWritten { ordinal: None, effect: None, stream: None })
    }

    /// A log line of the guest: its `ordinal`-th log call.
    pub fn guest_line(stage_run: StageRunId, level: Level, text: impl Into<String>, ordinal: u64) -> Self {
        Self::line(
            Some(stage_run),
            level,
            text,
            EventBody::LogWritten { ordinal: Some(ordinal), effect: None, stream: None },
        )
    }

    /// A log line that the effect at this position gave: what its command said on `stream`, or its own words.
    pub fn effect_line(
        stage_run: StageRunId,
        level: Level,
        text: impl Into<String>,
        effect: u64,
        stream: Option<OutputStream>,
    ) -> Self {
        let body = EventBody::LogWritten { ordinal: None, effect: Some(effect), stream };
        Self::line(Some(stage_run), level, text, body)
    }

    /// The same event with a message for people.
    pub fn message(self, message: impl Into<String>) -> Self {
        Self { message: message.into(), ..self }
    }

    /// The same event with the level of a log line.
    pub fn level(self, level: Level) -> Self {
        Self { level: Some(level), ..self }
    }

    /// The same event with its time.
    pub fn at(self, at: Timestamp) -> Self {
        Self { at: Some(at), ..self }
    }

    /// The same event, in whose transaction a plugin's state is written.
    pub fn state_write(self, write: Option<StateWrite>) -> Self {
        Self { state_write: write, ..self }
    }

    /// The same event as what a command became.
    pub fn command(self, command: CommandId) -> Self {
        Self { command: Some(command), ..self }
    }

    fn line(stage_run: Option<StageRunId>, level: Level, text: impl Into<String>, body: EventBody) -> Self {
        Self { stage_run, at: None, level: Some(level), message: text.into(), body, state_write: None, command: None }
    }
}
