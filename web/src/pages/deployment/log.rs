//! The log: a window of some fifty elements over up to a million lines. It follows the end until
//! somebody scrolls up.

use crate::browser;
use crate::components::{Glyph, Icon};
use crate::model::range::LineRange;
use leptos::{html, prelude::*};
use std::ops::Range;
use windlass_api_types::{DeploymentStatus, deployment::DeploymentSummary};

mod control;
mod measure;
mod rows;
mod toolbar;

pub(crate) use control::LogControl;
use measure::{Probe, columns, on_resize};
pub(super) use rows::piece;
use rows::{ROW, row};
use toolbar::Toolbar;

/// Rows drawn above and below what is seen, so that a fast scroll shows no gap.
const OVERSCAN: usize = 14;

/// Browsers cap the height of an element at about 33.5 million pixels; above this the log scrolls
/// proportionally.
const TALLEST: f64 = 30_000_000.0;

/// Where the log is scrolled to.
#[derive(Clone, Copy)]
struct Scroll {
    control: LogControl,
    element: NodeRef<html::Div>,
    /// Pixels.
    top: RwSignal<f64>,
    height: RwSignal<f64>,
}

#[component]
pub(crate) fn LogView(control: LogControl, summary: DeploymentSummary) -> impl IntoView {
    let scroll = Scroll { control, element: NodeRef::new(), top: RwSignal::new(0.0), height: RwSignal::new(600.0) };
    scroll.follow_end();
    scroll.go_to_goals();
    scroll.wrap();
    let window = Memo::new(move |_| scroll.window());
    let top_position = Signal::derive(move || {
        control.read(|window, _| window.at_row(scroll.first_row(scroll.top.get()) as usize)).unwrap_or(0)
    });
    let items = move || {
        let (positions, _) = window.get();
        let epoch = control.epoch.get();
        let line = |position| control.read(|window, _| (window.line(position), window.height(position)));
        positions.filter_map(line).map(|(index, height)| (epoch, index, height)).collect::<Vec<_>>()
    };
    let many_stages = control.many_stages();
    let file = format!("{}-{}.log", summary.project, summary.number);
    view! {
        <Toolbar control=control top=top_position file=file/>
        <div class="log-frame">
            <div class="log" node_ref=scroll.element tabindex="0" role="log" aria-live="off" aria-label="Log"
                class:wrap=move || control.wrap.get()
                class:times=move || control.timestamps.get()
                class:named=move || many_stages.get()
                on:scroll=move |_| scroll.scrolled()
                on:click=move |event| choose_line(control, &event)>
                <Probe/>
                <div class="sizer" style:height=move || format!("{}px", scroll.total())>
                    <div class="window" style:transform=move || format!("translateY({}px)", window.get().1)>
                        <For each=items key=|item| *item children=move |(_, index, height)| row(control, index, height)/>
                    </div>
                </div>
            </div>
            <Nothing control=control/>
            <NewLines control=control/>
        </div>
    }
}

impl Scroll {
    fn rows(self) -> f64 {
        self.control.rows.get() as f64
    }

    /// The height of all rows, as far as a browser can have it.
    fn total(self) -> f64 {
        (self.rows() * ROW).min(TALLEST)
    }

    /// The row at a scroll position, with its fraction.
    fn first_row(self, top: f64) -> f64 {
        let scrollable = (self.total() - self.height.get()).max(1.0);
        let hidden = (self.rows() * ROW - self.height.get()).max(0.0);
        if self.rows() * ROW <= TALLEST { top / ROW } else { (top / scrollable).min(1.0) * hidden / ROW }
    }

    /// The scroll position at which a row is the first.
    fn top_of(self, row: f64) -> f64 {
        let all = self.control.rows.get_untracked() as f64 * ROW;
        match all <= TALLEST {
            true => row * ROW,
            false => row * ROW / all * TALLEST,
        }
    }

    /// The positions to draw, and where to draw them, in pixels.
    fn window(self) -> (Range<usize>, f64) {
        self.control.epoch.track();
        let height = self.height.get();
        let end = (self.total() - height).max(0.0);
        // While following, the window comes from the data and not from the scroll event, which is a frame late.
        let top = if self.control.following.get() { end } else { self.top.get().min(end) };
        let first = self.first_row(top);
        let from = (first as usize).saturating_sub(OVERSCAN);
        let seen = (height / ROW).ceil() as usize + 2 * OVERSCAN;
        let read = self.control.read(|window, _| {
            let positions = window.visible(from, seen);
            let row = window.row(positions.start) as f64;
            (positions, top + (row - first) * ROW)
        });
        read.unwrap_or((0..0, 0.0))
    }

    fn scrolled(self) {
        let Some(element) = self.element.get_untracked() else { return };
        let top = f64::from(element.scroll_top());
        let before = self.top.get_untracked();
        self.top.set(top);
        let end = f64::from(element.scroll_height() - element.client_height());
        let at_end = top >= end - ROW / 2.0;
        if at_end != self.control.following.get_untracked() && (at_end || top < before - 1.0) {
            self.control.following.set(at_end);
        }
    }

    fn follow_end(self) {
        Effect::new(move |_| {
            let total = self.total();
            let Some(element) = self.element.get() else { return };
            self.height.set(f64::from(element.client_height()));
            if self.control.following.get() {
                element.set_scroll_top(total as i32);
            }
        });
    }

    /// Scrolls to a line once it is there.
    fn go_to_goals(self) {
        Effect::new(move |_| {
            let Some(line) = self.control.goal.get() else { return };
            self.control.rows.track();
            let row =
                self.control.read(|window, log| (line < log.lines.len()).then(|| window.row(window.position(line))));
            let (Some(Some(row)), Some(element)) = (row, self.element.get_untracked()) else { return };
            self.control.following.set(false);
            self.control.goal.set(None);
            let middle = self.top_of(row as f64) - self.height.get_untracked() * 0.4;
            // The element grows in the same frame: scroll when it has.
            request_animation_frame(move || {
                element.set_scroll_top(middle.max(0.0) as i32);
                self.top.try_set(f64::from(element.scroll_top()));
            });
        });
    }

    /// Wraps at the width that there is, and again when it changes.
    fn wrap(self) {
        let measured = RwSignal::new(0_u32);
        Effect::new(move |_| {
            let Some(element) = self.element.get() else { return };
            let height = self.height;
            let observer = on_resize(&element, move |element| {
                height.try_set(f64::from(element.client_height()));
                measured.try_update(|count| *count += 1);
            });
            browser::keep(observer);
        });
        Effect::new(move |_| {
            measured.track();
            self.control.timestamps.track();
            let wrap = self.control.wrap.get();
            let Some(element) = self.element.get() else { return };
            let columns = if wrap { columns(&element) } else { 0 };
            let first = self.first_row_untracked();
            let anchor = self.control.read(|window, _| window.line(window.at_row(first)));
            self.control.set_columns(columns);
            if let Some(line) = anchor.filter(|_| !self.control.following.get_untracked()) {
                let row = self.control.read(|window, _| window.row(window.position(line))).unwrap_or(0);
                element.set_scroll_top(self.top_of(row as f64) as i32);
            }
        });
    }

    fn first_row_untracked(self) -> usize {
        untrack(|| self.first_row(self.top.get())) as usize
    }
}

/// A click on a line's number chooses it; with shift, all from the last chosen one to it.
fn choose_line(control: LogControl, event: &leptos::ev::MouseEvent) {
    let Some(number) = browser::closest(event, ".no").and_then(|element| element.text_content()?.parse().ok()) else {
        return;
    };
    event.prevent_default();
    let before = control.chosen.get_untracked().filter(|_| event.shift_key());
    control.following.set(false);
    control.choose_lines(before.map_or_else(|| LineRange::new(number, number), |range| range.to(number)));
}

#[component]
fn NewLines(control: LogControl) -> impl IntoView {
    let since = Memo::new(move |before: Option<&(bool, usize)>| {
        let (following, rows) = (control.following.get(), control.rows.get());
        match before {
            Some((false, since)) if !following => (false, (*since).min(rows)),
            _ => (following, rows),
        }
    });
    let new = move || if since.get().0 { 0 } else { control.rows.get().saturating_sub(since.get().1) };
    view! {
        <Show when=move || { new() > 0 }>
            <button type="button" class="new-lines" on:click=move |_| control.following.set(true)>
                <Icon glyph=Glyph::Down/>
                {move || match new() { 1 => "1 new line".to_owned(), many => format!("{many} new lines") }}
            </button>
        </Show>
    }
}

#[component]
fn Nothing(control: LogControl) -> impl IntoView {
    let words = move || {
        let any = control.read(|_, log| !log.lines.is_empty()).unwrap_or(false);
        match (any, control.status()) {
            (true, _) => "No line fits the filter.",
            (false, Some(DeploymentStatus::Queued)) => "It waits for its turn.",
            (false, Some(status)) if status.is_terminal() => "It said nothing.",
            (false, _) => "No output yet.",
        }
    };
    view! {
        <Show when=move || control.rows.get() == 0>
            <p class="nothing">{words}</p>
        </Show>
    }
}
