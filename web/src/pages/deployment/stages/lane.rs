//! The bars of a row.

use super::Scale;
use crate::model::time::duration;
use crate::model::waterfall::{Bar, Row};
use leptos::prelude::*;
use windlass_api_types::Timestamp;

/// The bars over the axis; only those that run move.
#[component]
pub(crate) fn Lane(row: Memo<Row>, scale: Memo<Scale>, now: Signal<Timestamp>) -> impl IntoView {
    let bars = Memo::new(move |_| row.with(|row| row.bars.clone()));
    let progress = Memo::new(move |_| row.with(|row| row.progress));
    view! {
        <span class="lane" aria-hidden="true">
            {move || bars.get().into_iter().map(|bar| view! { <BarView bar=bar scale=scale now=now progress=progress/> }).collect_view()}
        </span>
    }
}

#[component]
fn BarView(bar: Bar, scale: Memo<Scale>, now: Signal<Timestamp>, progress: Memo<Option<f64>>) -> impl IntoView {
    let (start, end) = (bar.start, bar.end);
    let left = Memo::new(move |_| {
        let scale = scale.get();
        format!("{:.3}%", scale.axis.percent(start - scale.start))
    });
    let width = Memo::new(move |_| {
        let end = end.unwrap_or_else(|| now.get());
        format!("{:.3}%", scale.get().axis.percent((end - start).max(0)))
    });
    let words = end.map(|end| format!("attempt {}: {} in {}", bar.attempt, bar.status, duration(end - start)));
    view! {
        <i class="bar" data-tone=crate::components::stage_tone(bar.status) class:undo=bar.undo class:moving=end.is_none()
            title=words style:left=left style:width=width>
            {move || progress.get().filter(|_| end.is_none()).map(|part| view! {
                <i class="done" style:width=format!("{:.1}%", part * 100.0)></i>
            })}
        </i>
    }
}
