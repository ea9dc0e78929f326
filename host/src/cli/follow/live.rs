//! Progress on a terminal: what has ended stays as a line, what runs is a line below that changes.

use super::super::CliError;
use super::super::output::Output;
use super::super::render::event::{self, place, run_of};
use super::super::render::style::{self, DIM, RUNNING, WARNING, paint};
use super::super::render::text::{clean, truncate};
use super::super::render::time;
use std::collections::HashMap;
use windlass_api_types::{DeploymentState, Event, EventBody, Level, StageRunId};

/// Turns while something runs.
const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// The view and what it has on the screen.
pub(super) struct Live {
    output: Output,
    label: String,
    frame: usize,
    /// Lines of the block that changes, as drawn last.
    drawn: usize,
    /// Lines that will stay, not printed yet.
    settled: Vec<String>,
    /// What each open stage run said last.
    said: HashMap<StageRunId, String>,
}

impl Live {
    pub(super) fn new(output: Output, label: &str) -> Self {
        Self { output, label: label.into(), frame: 0, drawn: 0, settled: Vec::new(), said: HashMap::new() }
    }

    /// Takes an event in; it is shown by the next `draw`.
    pub(super) fn event(&mut self, event: &Event, state: &DeploymentState) {
        match (&event.body, event.stage_run) {
            (EventBody::StageRunStarted { .. }, _) => {}
            (EventBody::StepStarted { .. }, Some(run)) => {
                self.said.insert(run, clean(&event.message));
            }
            (EventBody::LogWritten { .. }, run) => self.log(event, run, state),
            (EventBody::ProbeAttempted { attempt, attempts, healthy, .. }, Some(run)) => {
                let health = if *healthy { "healthy" } else { "not healthy yet" };
                self.said.insert(run, format!("probe {attempt}/{attempts}: {health}"));
            }
            (body, run) => {
                if let (EventBody::StageRunEnded { .. }, Some(run)) = (body, run) {
                    self.said.remove(&run);
                }
                self.settled.extend(event::line(event, state));
            }
        }
    }

    /// A log line is the last thing its stage run said; a warning or an error stays.
    fn log(&mut self, event: &Event, run: Option<StageRunId>, state: &DeploymentState) {
        let level = event.level.unwrap_or(Level::Info);
        let text = clean(&event.message);
        if level >= Level::Warning {
            let place = run_of(event, state).map(place).unwrap_or_default();
            self.settled.push(format!("  {}  {}", paint(DIM, &place), paint(style::level(level), &text)));
        }
        if level >= Level::Info
            && let Some(run) = run
            && !text.is_empty()
        {
            self.said.insert(run, text);
        }
    }

    /// Something to know that is no event.
    pub(super) fn note(&mut self, text: &str) {
        self.settled.push(paint(WARNING, text));
    }

    /// Prints what has settled, and the block anew.
    pub(super) fn draw(&mut self, state: &DeploymentState) -> Result<(), CliError> {
        self.frame += 1;
        let now = jiff::Timestamp::now().as_millisecond();
        let block = self.block(state, now, self.output.size());
        let mut text = self.erase();
        for line in self.settled.drain(..).chain(block.iter().cloned()) {
            text.push_str(&line);
            text.push('\n');
        }
        self.drawn = block.len();
        self.output.text(&text)
    }

    /// Removes the block; what has settled stays.
    pub(super) fn end(&mut self) {
        let mut text = self.erase();
        for line in self.settled.drain(..) {
            text.push_str(&format!("{line}\n"));
        }
        self.drawn = 0;
        // The result that follows meets the same terminal and tells of its trouble.
        let _ = self.output.text(&text);
    }

    fn erase(&self) -> String {
        if self.drawn == 0 { String::new() } else { format!("\x1b[{}A\r\x1b[J", self.drawn) }
    }

    /// A line for each open stage run, as many as fit, and one for the whole; none is wider than the terminal.
    fn block(&self, state: &DeploymentState, now: i64, (width, height): (usize, usize)) -> Vec<String> {
        let spinner = SPINNER[self.frame % SPINNER.len()];
        let runs: Vec<_> = state.open_runs().collect();
        let room = height.saturating_sub(3).max(1);
        let mut lines = Vec::new();
        for run in runs.iter().take(room) {
            let head = format!("{}  {}", place(run), time::took(now - run.started_at));
            let head = truncate(&head, width.saturating_sub(2));
            let said = self.said.get(&run.id).map_or("", String::as_str);
            let said = truncate(said, width.saturating_sub(head.chars().count() + 4));
            let gap = if said.is_empty() { "" } else { "  " };
            lines.push(format!("{} {head}{gap}{}", paint(RUNNING, spinner), paint(DIM, &said)));
        }
        if runs.len() > room {
            lines.push(paint(DIM, &truncate(&format!("  and {} more", runs.len() - room), width)));
        }
        lines.push(paint(DIM, &truncate(&self.whole(state, now), width)));
        lines
    }

    fn whole(&self, state: &DeploymentState, now: i64) -> String {
        let done = state.stages.iter().filter(|stage| stage.status.is_terminal()).count();
        let doing = match (state.cancel_requested, state.started_at) {
            (true, _) => "canceling".into(),
            (false, None) => "queued".into(),
            (false, Some(started)) => time::took(now - started),
        };
        format!("{}  {done} of {} stages  {doing}", self.label, state.stages.len())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::render::sample::{Record, START, plain, run_id};
    use super::*;
    use expect_test::{Expect, expect};
    use windlass_api_types::{RunMode, StageStatus};

    fn record() -> Record {
        let mut record = Record::of(&["upload", "healthy"]);
        record.start(1, "upload", "web-1", RunMode::Run);
        record.start(2, "upload", "web-2", RunMode::Run);
        record.add(Some(run_id(2)), "unpacking a rather long name", EventBody::StepStarted { ordinal: 0 });
        record.add(
            Some(run_id(2)),
            "low on disk",
            EventBody::LogWritten { ordinal: Some(1), effect: None, stream: None },
        );
        record.events.last_mut().unwrap().level = Some(Level::Warning);
        record.end(1, StageStatus::Succeeded, None);
        record
    }

    fn check(record: &Record, size: (usize, usize), expected: Expect) {
        let state = record.state();
        let mut live = Live::new(Output::new(false), "shop#41");
        for event in &record.events {
            live.event(event, &state);
        }
        let block = live.block(&state, START + 20_000, size);
        assert!(block.iter().all(|line| plain(line).chars().count() <= size.0));
        let text = [live.settled.join("\n"), block.join("\n")].join("\n--\n");
        expected.assert_eq(&plain(&text));
    }

    #[test]
    fn what_has_ended_stays_and_what_runs_is_below() {
        check(
            &record(),
            (80, 24),
            expect![[r#"
            queued: release 20260305-143022, by ada
            started
              upload  web-2  low on disk
            ✓ upload  web-1  4.0 s
            --
            ⠋ upload  web-2  16 s  low on disk
            shop#41  0 of 2 stages  18 s"#]],
        );
    }

    #[test]
    fn a_narrow_terminal_shows_less() {
        let mut record = record();
        for run in 3..9 {
            record.start(run, "healthy", &format!("web-{run}"), RunMode::Run);
        }
        let state = record.state();
        let live = Live::new(Output::new(false), "shop#41");
        let block = live.block(&state, START + 20_000, (16, 6));
        assert_eq!(
            plain(&block.join("\n")),
            "⠋ upload  web-2…\n⠋ healthy  web-…\n⠋ healthy  web-…\n  and 4 more\nshop#41  0 of 2…"
        );
    }

    #[test]
    fn the_block_is_erased_by_its_height() {
        let mut live = Live::new(Output::new(false), "shop#41");
        assert_eq!(live.erase(), "");
        live.drawn = 3;
        assert_eq!(live.erase(), "\x1b[3A\r\x1b[J");
    }
}
