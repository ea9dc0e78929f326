//! The durations of the last deployments, as bars.

use crate::components::tone;
use crate::live::clock::Clock;
use crate::model::chart::{ChartBar, chart};
use crate::model::time::duration;
use leptos::prelude::*;
use leptos_router::components::A;
use windlass_api_types::deployment::DeploymentSummary;

/// Bars at most; more would be thinner than a gap.
const BARS: usize = 60;

#[component]
pub(crate) fn History(shown: Memo<Vec<DeploymentSummary>>) -> impl IntoView {
    let now = Clock::get();
    let running = Memo::new(move |_| shown.with(|shown| shown.iter().take(BARS).any(|one| one.ended_at.is_none())));
    let chart = Memo::new(move |_| {
        // The clock moves the chart only while something in it runs.
        let now = if running.get() { now.get() } else { now.get_untracked() };
        shown.with(|shown| chart(shown, BARS, now))
    });
    let some = move || chart.with(|chart| chart.bars.len() > 1);
    view! {
        <Show when=some>
            <figure class="history">
                <figcaption>
                    <span><strong class="num">{move || chart.with(|chart| format!("{} of {}", chart.succeeded, chart.ended))}</strong>" succeeded"</span>
                    {move || chart.with(|chart| chart.median).map(|median| view! {
                        <span>"median "<strong class="num">{duration(median)}</strong></span>
                    })}
                </figcaption>
                <div class="history-bars">
                    {move || chart.with(|chart| chart.median.map(|_| chart.median_height)).map(|height| view! {
                        <span class="median" style:bottom=percent(height) aria-hidden="true"></span>
                    })}
                    {move || chart.with(|chart| chart.bars.iter().cloned().map(|bar| view! { <Bar bar=bar/> }).collect_view())}
                </div>
            </figure>
        </Show>
    }
}

#[component]
fn Bar(bar: ChartBar) -> impl IntoView {
    let words = format!("{} {} in {}", bar.label, bar.status, duration(bar.took));
    view! {
        <A href=bar.path attr:title=words.clone() attr:aria-label=words attr:tabindex="-1">
            <i data-tone=tone(bar.status) style:height=percent(bar.height)></i>
        </A>
    }
}

fn percent(part: f64) -> String {
    format!("{:.1}%", part * 100.0)
}
