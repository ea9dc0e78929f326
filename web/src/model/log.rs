//! The log of a deployment: its log lines and step headings in the order of their `seq`, numbered
//! from 1. Lines are kept small, since there may be a million of them.

use super::ansi::{self, Span};
use std::collections::HashMap;
use windlass_api_types::{Event, EventBody, Level, RunMode, StageRunId, Timestamp};

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    Text(Level),
    /// The heading of a step.
    Step,
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub at: Timestamp,
    /// Which of [`Log::runs`]; absent on lines of the deployment itself.
    pub run: Option<u16>,
    pub kind: LineKind,
    /// Without escape sequences.
    pub text: Box<str>,
    pub spans: Box<[Span]>,
    /// Printed width in cells of a fixed-width font.
    pub width: u32,
}

/// A stage run that lines belong to.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRun {
    pub id: StageRunId,
    pub stage: String,
    pub target: Option<String>,
    pub attempt: u32,
    pub mode: RunMode,
}

impl LogRun {
    /// How lines name it, such as `up web-1`.
    pub fn label(&self) -> String {
        let mut label = self.stage.clone();
        if let Some(target) = &self.target {
            label.push(' ');
            label.push_str(target);
        }
        if self.mode == RunMode::Undo {
            label.push_str(" undo");
        }
        label
    }
}

/// A log.
#[derive(Clone, Debug, Default)]
pub struct Log {
    pub lines: Vec<Line>,
    pub runs: Vec<LogRun>,
    /// Indexes of the lines of level error.
    pub errors: Vec<u32>,
    by_id: HashMap<StageRunId, u16>,
}

/// What one line may be long at most, in bytes: more is cut, so that one line cannot stop the page.
const LONGEST_LINE: usize = 16 * 1024;

/// A tab is as wide as the style sheet's `tab-size`.
const TAB: u32 = 4;

impl Log {
    /// Takes in what concerns the log; answers whether lines were added.
    pub fn take(&mut self, event: &Event) -> bool {
        match &event.body {
            EventBody::StageRunStarted { stage, target, attempt, mode, .. } => {
                if let (Some(id), Ok(index)) = (event.stage_run, u16::try_from(self.runs.len())) {
                    let (stage, target) = (stage.clone(), target.clone());
                    self.runs.push(LogRun { id, stage, target, attempt: *attempt, mode: *mode });
                    self.by_id.insert(id, index);
                }
                false
            }
            EventBody::LogWritten { .. } | EventBody::ProbeAttempted { .. } => {
                let kind = LineKind::Text(event.level.unwrap_or(Level::Info));
                let message = event.message.strip_suffix('\n').unwrap_or(&event.message);
                for text in message.split('\n') {
                    self.push(event, kind, text);
                }
                true
            }
            EventBody::StepStarted { .. } => {
                self.push(event, LineKind::Step, &event.message);
                true
            }
            _ => false,
        }
    }

    /// The run a line belongs to.
    pub fn run_of(&self, line: &Line) -> Option<&LogRun> {
        line.run.and_then(|run| self.runs.get(usize::from(run)))
    }

    fn push(&mut self, event: &Event, kind: LineKind, raw: &str) {
        let run = event.stage_run.and_then(|id| self.by_id.get(&id).copied());
        let cut = raw.floor_char_boundary(LONGEST_LINE);
        let (text, spans) = ansi::parse(&raw[..cut]);
        let width = width(&text);
        if kind == LineKind::Text(Level::Error) {
            self.errors.push(self.lines.len() as u32);
        }
        self.lines.push(Line { at: event.at, run, kind, text: text.into(), spans: spans.into(), width });
    }
}

fn width(text: &str) -> u32 {
    if text.is_ascii() && !text.contains('\t') {
        return text.len() as u32;
    }
    text.chars().fold(0, |at, c| match c {
        '\t' => (at / TAB + 1) * TAB,
        c => at + cells(c),
    })
}

/// Cells of a character: East Asian wide and emoji blocks take two, combining marks and joiners none.
fn cells(c: char) -> u32 {
    match c as u32 {
        0x0300..=0x036f | 0x200b..=0x200f | 0x20d0..=0x20ff | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f => 2,
        0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1f64f | 0x1f680..=0x1faff | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::fixture::{line, run_started, step};
    use super::*;

    #[test]
    fn lines_and_steps_are_numbered_together_and_know_their_run() {
        let mut log = Log::default();
        for event in [run_started(1, 7, "up", Some("web-1")), step(2, 7, "pull"), line(3, 7, Level::Error, "a\nb\n")] {
            log.take(&event);
        }
        let shown: Vec<_> = log.lines.iter().map(|line| (line.kind, &*line.text)).collect();
        assert_eq!(
            shown,
            [(LineKind::Step, "pull"), (LineKind::Text(Level::Error), "a"), (LineKind::Text(Level::Error), "b")]
        );
        assert_eq!(log.errors, [1, 2]);
        assert!(log.lines.iter().all(|line| log.run_of(line).is_some_and(|run| run.label() == "up web-1")));
    }

    #[test]
    fn widths_count_cells() {
        assert_eq!(["abc", "a\tb", "日本", "e\u{301}", "🚀"].map(width), [3, 5, 4, 1, 2]);
    }

    #[test]
    fn a_line_without_end_is_cut_at_a_character() {
        let mut log = Log::default();
        log.take(&line(1, 7, Level::Info, &"é".repeat(LONGEST_LINE)));
        assert_eq!(log.lines[0].text.len(), LONGEST_LINE);
    }
}
