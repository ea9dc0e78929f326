//! One line of the log as elements.

use super::LogControl;
use crate::browser::time_of_day;
use crate::model::log::{Line, LineKind};
use crate::model::pieces::{Piece, pieces};
use leptos::prelude::*;
use windlass_api_types::Level;

/// The height of a row, in pixels; the style sheet's `--row`.
pub(crate) const ROW: f64 = 20.0;

/// Draws a line that takes so many rows.
pub(crate) fn row(control: LogControl, index: usize, height: usize) -> Option<impl IntoView> {
    let (line, found) = control.line(index)?;
    let number = index + 1;
    let chosen = move || control.chosen.with(|range| range.as_ref().is_some_and(|range| range.contains(number)));
    let current = move || control.hit_line() == Some(index);
    let (level, mark, word) = look(line.kind);
    let label = control.run_label(&line);
    Some(view! {
        <div class="ln" data-level=level data-line=index class:chosen=chosen class:current=current style:height=format!("{}px", height as f64 * ROW)>
            <a class="no" href=format!("#L{number}") tabindex="-1" aria-label=format!("Line {number}")>{number}</a>
            <span class="ts" aria-hidden="true">{time_of_day(line.at)}</span>
            <span class="who" aria-hidden="true" title=label.clone()>{label.clone()}</span>
            <span class="lv" title=word aria-hidden="true">{mark}</span>
            <span class="tx">
                {(!word.is_empty()).then(|| view! { <span class="hidden">{word}": "</span> })}
                {text(&line, &found)}
            </span>
        </div>
    })
}

fn look(kind: LineKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        LineKind::Step => ("step", "", ""),
        LineKind::Text(Level::Debug) => ("debug", "", ""),
        LineKind::Text(Level::Info) => ("info", "", ""),
        LineKind::Text(Level::Warning) => ("warning", "W", "warning"),
        LineKind::Text(Level::Error) => ("error", "E", "error"),
    }
}

fn text(line: &Line, found: &[(usize, usize)]) -> Vec<AnyView> {
    pieces(&line.text, &line.spans, found).into_iter().map(piece).collect()
}

/// A piece of a line.
pub(crate) fn piece(piece: Piece<'_>) -> AnyView {
    let text = piece.text.to_owned();
    let classes = piece.style.classes();
    match (piece.found, classes.is_empty()) {
        (false, true) => text.into_any(),
        (false, false) => view! { <span class=classes>{text}</span> }.into_any(),
        (true, _) => view! { <mark class=classes>{text}</mark> }.into_any(),
    }
}
