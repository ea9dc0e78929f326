//! Which lines of a log are shown, and on which rows: filtering and wrapping as arithmetic, so that a
//! million lines need no element each.

use super::log::{LineKind, Log};
use std::ops::Range;
use windlass_api_types::{Level, RunMode, StageRunId};

/// What to show.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// The least level; step headings always show.
    pub level: Level,
    pub scope: Scope,
}

/// Whose lines to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    #[default]
    All,
    /// Every run of a stage, undo runs included.
    Stage(String),
    Run(StageRunId),
}

impl Default for Filter {
    fn default() -> Self {
        Self { level: Level::Debug, scope: Scope::All }
    }
}

/// The shown lines of a log. A *position* counts shown lines, a *row* counts screen rows.
#[derive(Clone, Debug, Default)]
pub struct Window {
    filter: Filter,
    /// Cells of a row; 0: lines are not wrapped.
    columns: u32,
    /// How many lines of the log have been looked at.
    seen: usize,
    /// Indexes of the shown lines; absent while all are shown.
    shown: Option<Vec<u32>>,
    /// The row after each shown line; absent while each line has one row.
    ends: Option<Vec<u32>>,
}

impl Window {
    /// Takes in the lines that came since.
    pub fn extend(&mut self, log: &Log) {
        let from = self.seen;
        self.seen = log.lines.len();
        let wanted = self.wanted_runs(log);
        if let Some(shown) = &mut self.shown {
            let new = (from..self.seen).filter(|index| self.filter.shows(log, *index, &wanted));
            shown.extend(new.map(|index| index as u32));
        }
        let Some(mut ends) = self.ends.take() else { return };
        let mut end = ends.last().copied().unwrap_or(0);
        ends.extend((ends.len()..self.len()).map(|position| {
            end += log.lines[self.line(position)].width.div_ceil(self.columns).max(1);
            end
        }));
        self.ends = Some(ends);
    }

    /// Shows other lines.
    pub fn set_filter(&mut self, filter: Filter, log: &Log) {
        if self.filter == filter {
            return;
        }
        self.shown = (filter != Filter::default()).then(Vec::new);
        self.filter = filter;
        self.rebuild(log);
    }

    /// Wraps at so many cells; 0: not at all.
    pub fn set_columns(&mut self, columns: u32, log: &Log) {
        if self.columns == columns {
            return;
        }
        self.columns = columns;
        self.rebuild(log);
    }

    fn rebuild(&mut self, log: &Log) {
        self.seen = 0;
        self.ends = (self.columns > 0).then(Vec::new);
        if let Some(shown) = &mut self.shown {
            shown.clear();
        }
        self.extend(log);
    }

    /// How many lines are shown.
    pub fn len(&self) -> usize {
        self.shown.as_ref().map_or(self.seen, Vec::len)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The index in the log of the line at a position.
    pub fn line(&self, position: usize) -> usize {
        match &self.shown {
            Some(shown) => shown.get(position).map_or(usize::MAX, |index| *index as usize),
            None => position,
        }
    }

    /// Where a line of the log is shown; where it is not, the next that is.
    pub fn position(&self, line: usize) -> usize {
        match &self.shown {
            Some(shown) => shown.partition_point(|index| (*index as usize) < line),
            None => line.min(self.seen),
        }
    }

    /// How many rows the shown lines take.
    pub fn rows(&self) -> usize {
        match &self.ends {
            Some(ends) => ends.last().map_or(0, |end| *end as usize),
            None => self.len(),
        }
    }

    /// The first row of the line at a position.
    pub fn row(&self, position: usize) -> usize {
        match &self.ends {
            Some(ends) => position.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |end| *end as usize),
            None => position,
        }
    }

    /// How many rows the line at a position takes.
    pub fn height(&self, position: usize) -> usize {
        match &self.ends {
            Some(ends) => ends.get(position).map_or(1, |end| *end as usize - self.row(position)),
            None => 1,
        }
    }

    /// The position of the line that a row belongs to.
    pub fn at_row(&self, row: usize) -> usize {
        match &self.ends {
            Some(ends) => ends.partition_point(|end| *end as usize <= row),
            None => row,
        }
    }

    /// The positions that rows `from..from + rows` show.
    pub fn visible(&self, from: usize, rows: usize) -> Range<usize> {
        let last = self.at_row(from + rows).saturating_add(1).min(self.len());
        self.at_row(from).min(last)..last
    }

    fn wanted_runs(&self, log: &Log) -> Vec<bool> {
        log.runs
            .iter()
            .map(|run| match &self.filter.scope {
                Scope::All => true,
                Scope::Stage(stage) => run.stage == *stage,
                Scope::Run(id) => run.id == *id,
            })
            .collect()
    }
}

impl Filter {
    fn shows(&self, log: &Log, index: usize, wanted: &[bool]) -> bool {
        let line = &log.lines[index];
        let of_scope = match line.run {
            Some(run) => wanted.get(usize::from(run)).copied().unwrap_or(false),
            None => self.scope == Scope::All,
        };
        of_scope
            && match line.kind {
                LineKind::Step => true,
                LineKind::Text(level) => level >= self.level,
            }
    }
}

impl Scope {
    /// What the scope is called.
    pub fn label(&self, log: &Log) -> String {
        match self {
            Self::All => "all stages".into(),
            Self::Stage(stage) => stage.clone(),
            Self::Run(id) => log.runs.iter().find(|run| run.id == *id).map_or_else(String::new, |run| {
                let attempt = if run.attempt > 1 { format!(" attempt {}", run.attempt) } else { String::new() };
                match run.mode {
                    RunMode::Run | RunMode::Undo => run.label() + &attempt,
                }
            }),
        }
    }
}

#[cfg(test)]
mod tests;
