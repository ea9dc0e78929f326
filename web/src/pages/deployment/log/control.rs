//! What the log shows: filter, search, chosen lines. Shared by the log, its toolbar, and by all that
//! leads into it.

use crate::browser;
use crate::live::Follow;
use crate::model::log::{Line, Log};
use crate::model::range::LineRange;
use crate::model::search::Search;
use crate::model::window::{Filter, Scope, Window};
use leptos::prelude::*;
use std::{cell::RefCell, ops::Range, rc::Rc};
use windlass_api_types::{DeploymentStatus, Level};

/// Lines searched per animation frame: a few milliseconds of work.
const SEARCHED_PER_FRAME: usize = 40_000;

/// The log's view state.
#[derive(Clone, Copy)]
pub(crate) struct LogControl {
    follow: Follow,
    view: StoredValue<Rc<RefCell<View>>, LocalStorage>,
    pub filter: RwSignal<Filter>,
    pub query: RwSignal<String>,
    /// How many lines match, and whether all were looked at.
    pub hits: RwSignal<(usize, bool)>,
    /// Which match is current.
    pub hit: RwSignal<Option<usize>>,
    /// Lines chosen by their numbers.
    pub chosen: RwSignal<Option<LineRange>>,
    /// Whether the end of the log is kept in view.
    pub following: RwSignal<bool>,
    pub timestamps: RwSignal<bool>,
    pub wrap: RwSignal<bool>,
    /// Screen rows of the shown lines.
    pub rows: RwSignal<usize>,
    /// Counts changes after which rows look different.
    pub epoch: RwSignal<u32>,
    /// A line that is to be scrolled to.
    pub goal: RwSignal<Option<usize>>,
}

#[derive(Default)]
struct View {
    window: Window,
    search: Search,
}

impl LogControl {
    /// Starts with what the address asks for.
    pub(crate) fn new(follow: Follow) -> Self {
        let chosen = LineRange::parse(&browser::fragment());
        let control = Self {
            follow,
            view: StoredValue::new_local(Rc::default()),
            filter: RwSignal::default(),
            query: RwSignal::default(),
            hits: RwSignal::new((0, true)),
            hit: RwSignal::new(None),
            following: RwSignal::new(chosen.is_none()),
            goal: RwSignal::new(chosen.as_ref().map(|range| range.first() - 1)),
            chosen: RwSignal::new(chosen),
            timestamps: RwSignal::new(browser::stored(TIMESTAMPS).is_some()),
            wrap: RwSignal::new(browser::stored(WRAP).is_some()),
            rows: RwSignal::new(0),
            epoch: RwSignal::new(0),
        };
        Effect::new(move |_| {
            follow.lines.track();
            control.change(|view, log| view.window.extend(log));
            control.search_on();
        });
        control
    }

    fn change(self, change: impl FnOnce(&mut View, &Log)) {
        let Some(view) = self.view.try_get_value() else { return };
        self.follow.with(|record| change(&mut view.borrow_mut(), &record.log));
        let rows = view.borrow().window.rows();
        self.rows.set(rows);
    }

    /// Reads the window and the log together.
    pub(crate) fn read<T>(self, read: impl FnOnce(&Window, &Log) -> T) -> Option<T> {
        let view = self.view.try_get_value()?;
        self.follow.with(|record| read(&view.borrow().window, &record.log))
    }

    /// A line with the pieces of it that the search finds.
    pub(crate) fn line(self, index: usize) -> Option<(Line, Vec<(usize, usize)>)> {
        let view = self.view.try_get_value()?;
        let line = self.follow.with(|record| record.log.lines.get(index).cloned()).flatten()?;
        let found = view.borrow().search.ranges(&line.text);
        Some((line, found))
    }

    /// Whether lines must say which stage they are of; planned ones count, so that nothing jumps later.
    pub(crate) fn many_stages(self) -> Memo<bool> {
        Memo::new(move |_| {
            let all = self.filter.with(|filter| !matches!(filter.scope, Scope::Run(_)));
            all && self.follow.state.with(|state| state.stages.len() > 1)
        })
    }

    /// How the deployment stands.
    pub(crate) fn status(self) -> Option<DeploymentStatus> {
        self.follow.state.with(|state| state.status)
    }

    /// What the scope of the filter is called, unless it is everything.
    pub(crate) fn scope_label(self) -> Option<String> {
        let scope = self.filter.with(|filter| filter.scope.clone());
        (scope != Scope::All).then(|| self.read(|_, log| scope.label(log)).unwrap_or_default())
    }

    /// Shows all stages again.
    pub(crate) fn show_all(self) {
        self.set_filter(Filter { level: self.filter.with_untracked(|filter| filter.level), scope: Scope::All });
    }

    /// The name of the run a line belongs to.
    pub(crate) fn run_label(self, line: &Line) -> String {
        self.follow.with(|record| record.log.run_of(line).map(|run| run.label())).flatten().unwrap_or_default()
    }

    /// Shows what a row of the stages stands for; once more shows everything again.
    pub(crate) fn choose(self, scope: Scope) {
        let same = self.filter.with_untracked(|filter| filter.scope == scope);
        let level = self.filter.with_untracked(|filter| filter.level);
        self.set_filter(Filter { level, scope: if same { Scope::All } else { scope } });
    }

    pub(crate) fn set_level(self, level: Level) {
        let scope = self.filter.with_untracked(|filter| filter.scope.clone());
        self.set_filter(Filter { level, scope });
    }

    pub(crate) fn set_filter(self, filter: Filter) {
        self.filter.set(filter.clone());
        self.change(|view, log| {
            view.window.set_filter(filter, log);
            view.search.restart();
        });
        self.hit.set(None);
        self.redraw();
        self.search_on();
    }

    /// Wraps lines at so many cells; 0: not at all.
    pub(crate) fn set_columns(self, columns: u32) {
        self.change(|view, log| view.window.set_columns(columns, log));
        self.redraw();
    }

    pub(crate) fn set_query(self, query: String) {
        let search = Search::new(&query);
        self.query.set(query);
        self.hit.set(None);
        self.change(|view, _| view.search = search);
        self.redraw();
        self.search_on();
    }

    fn redraw(self) {
        self.epoch.update(|epoch| *epoch += 1);
    }

    /// Searches a slice, and the rest in the frames that follow.
    fn search_on(self) {
        let Some(view) = self.view.try_get_value() else { return };
        let searched = self.follow.with(|record| {
            let view = &mut *view.borrow_mut();
            let done = view.search.advance(&record.log, &view.window, SEARCHED_PER_FRAME);
            (view.search.count(), done)
        });
        let Some((count, done)) = searched else { return };
        if self.hits.get_untracked() != (count, done) {
            self.hits.set((count, done));
        }
        if !done {
            request_animation_frame(move || self.search_on());
        }
    }

    /// Goes to the next match, or the one before; the first is the one after the given position.
    pub(crate) fn step(self, forward: bool, from: usize) {
        let Some(view) = self.view.try_get_value() else { return };
        let count = view.borrow().search.count();
        if count == 0 {
            return;
        }
        let next = match (self.hit.get_untracked(), forward) {
            (Some(hit), true) => Some((hit + 1) % count),
            (Some(hit), false) => Some((hit + count - 1) % count),
            (None, _) => view.borrow().search.from(from),
        };
        let line =
            next.and_then(|next| view.borrow().search.hit(next)).map(|position| view.borrow().window.line(position));
        self.hit.set(next);
        self.goal.set(line);
    }

    /// The line of the current match.
    pub(crate) fn hit_line(self) -> Option<usize> {
        let hit = self.hit.get()?;
        let view = self.view.try_get_value()?;
        let view = view.borrow();
        view.search.hit(hit).map(|position| view.window.line(position))
    }

    /// Shows a line and chooses it, whatever is filtered.
    pub(crate) fn jump(self, line: usize) {
        let hidden = self.read(|window, _| window.line(window.position(line)) != line).unwrap_or(false);
        if hidden {
            self.set_filter(Filter::default());
        }
        self.choose_lines(LineRange::new(line + 1, line + 1));
        self.goal.set(Some(line));
    }

    /// Goes to the next line of level error after the given one, from the top again after the last.
    pub(crate) fn next_error(self, after: Option<usize>) {
        let next = self.follow.with(|record| {
            let errors = &record.log.errors;
            let next = errors.iter().find(|line| after.is_none_or(|after| **line as usize > after));
            next.or(errors.first()).map(|line| *line as usize)
        });
        if let Some(line) = next.flatten() {
            self.jump(line);
        }
    }

    pub(crate) fn choose_lines(self, range: LineRange) {
        browser::replace_fragment(&range.to_string());
        self.chosen.set(Some(range));
    }

    /// The chosen lines, or all that are shown, as text.
    pub(crate) fn text(self, with: impl Fn(&Line, String) -> String) -> String {
        let chosen = self.chosen.get_untracked();
        self.read(|window, log| {
            let positions: Range<usize> = 0..window.len();
            let wanted = |index: &usize| chosen.as_ref().is_none_or(|range| range.contains(index + 1));
            let indexes = positions.map(|position| window.line(position)).filter(wanted);
            let mut text = String::new();
            for line in indexes.filter_map(|index| log.lines.get(index)) {
                text.push_str(&with(line, log.run_of(line).map(|run| run.label()).unwrap_or_default()));
                text.push('\n');
            }
            text
        })
        .unwrap_or_default()
    }

    /// Turns the timestamps on or off, and remembers it.
    pub(crate) fn turn_timestamps(self) {
        self.timestamps.update(|on| *on = !*on);
        browser::store(TIMESTAMPS, self.timestamps.get_untracked().then_some("on"));
    }

    /// Turns wrapping on or off, and remembers it.
    pub(crate) fn turn_wrap(self) {
        self.wrap.update(|on| *on = !*on);
        browser::store(WRAP, self.wrap.get_untracked().then_some("on"));
    }
}

const TIMESTAMPS: &str = "windlass-log-timestamps";
const WRAP: &str = "windlass-log-wrap";
