//! The stages as a waterfall: bars over one axis of time, growing while they run.

use super::log::LogControl;
use crate::components::{Glyph, Icon, StageIcon};
use crate::live::{Follow, clock};
use crate::model::time::{Axis, duration, ticking};
use crate::model::waterfall::{Choices, Row, RowKind, extent, rows};
use leptos::prelude::*;
use std::collections::{BTreeSet, HashMap};
use windlass_api_types::{DeploymentState, StageStatus, Timestamp};

mod lane;
use lane::Lane;

/// Where the axis begins, and the axis.
#[derive(Clone, Copy, PartialEq)]
struct Scale {
    start: Timestamp,
    axis: Axis,
}

#[component]
pub(crate) fn Stages(
    follow: Follow,
    control: LogControl,
    show_log: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let toggled = RwSignal::new(BTreeSet::<String>::new());
    let calm = follow.state.with_untracked(|state| state.ended_at.is_some());
    let all = Memo::new(move |_| {
        let choices = Choices { toggled: toggled.get(), calm };
        follow.state.with(|state| follow.with(|record| rows(state, &record.batches, &choices)).unwrap_or_default())
    });
    let by_key: Memo<HashMap<String, Row>> =
        Memo::new(move |_| all.with(|rows| rows.iter().map(|row| (row.key.clone(), row.clone())).collect()));
    let running = Memo::new(move |_| follow.state.with(|state| is_running(state)));
    let now = clock::fine(move || running.get());
    let scale = Memo::new(move |_| {
        let now = now.get();
        let (start, end) = follow.state.with(|state| extent(state, now)).unwrap_or((now, now));
        Scale { start, axis: Axis::over(end - start) }
    });
    let step = Memo::new(move |_| {
        let axis = scale.get().axis;
        format!("{:.3}%", axis.percent(axis.step))
    });
    let keys = move || all.with(|rows| rows.iter().map(|row| row.key.clone()).collect::<Vec<_>>());
    view! {
        <section class="stages" aria-label="Stages" style=("--step", move || step.get())>
            <AxisLabels scale=scale/>
            <ol class="stage-rows">
                <For each=keys key=Clone::clone children=move |key| {
                    let first = by_key.with_untracked(|rows| rows.get(&key).cloned());
                    first.map(|first| {
                        let before = StoredValue::new(first);
                        // A row on its way out keeps what it showed.
                        let row = Memo::new(move |_| {
                            if let Some(row) = by_key.with(|rows| rows.get(&key).cloned()) {
                                before.set_value(row);
                            }
                            before.get_value()
                        });
                        view! { <StageRow row=row scale=scale now=now control=control toggled=toggled show_log=show_log/> }
                    })
                }/>
            </ol>
        </section>
    }
}

fn is_running(state: &DeploymentState) -> bool {
    state.started_at.is_some()
        && state.ended_at.is_none()
        && state.open_runs().any(|run| run.status == StageStatus::Running)
}

#[component]
fn AxisLabels(scale: Memo<Scale>) -> impl IntoView {
    let axis = Memo::new(move |_| scale.get().axis);
    view! {
        <div class="axis" aria-hidden="true">
            <span class="axis-name">"Stages"</span>
            <div class="axis-ticks">
                {move || {
                    let axis = axis.get();
                    axis.ticks().map(|tick| view! {
                        <span style:left=format!("{:.2}%", axis.percent(tick))>{Axis::label(tick)}</span>
                    }).collect_view()
                }}
            </div>
        </div>
    }
}

#[component]
fn StageRow(
    row: Memo<Row>,
    scale: Memo<Scale>,
    now: Signal<Timestamp>,
    control: LogControl,
    toggled: RwSignal<BTreeSet<String>>,
    show_log: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let kind = row.with_untracked(|row| row.kind.clone());
    let status = Memo::new(move |_| row.with(|row| row.status));
    let label = row.with_untracked(|row| row.label.clone());
    if kind == RowKind::Rollout {
        return view! {
            <li class="rollout"><span>"rollout "<strong>{label}</strong></span><span class="muted">{move || row.with(|row| row.note.clone())}</span></li>
        }
        .into_any();
    }
    let chosen = Memo::new(move |_| control.filter.with(|filter| row.with(|row| filter.scope == row.scope)));
    let choose = move |_| {
        show_log();
        control.choose(row.with_untracked(|row| row.scope.clone()));
    };
    let took = Memo::new(move |_| match row.with(|row| row.span.filter(|_| row.status != StageStatus::Interrupted)) {
        Some((start, Some(end))) => duration(end - start),
        Some((start, None)) => ticking(now.get() - start),
        None => String::new(),
    });
    let depth = if kind == RowKind::Target { "target" } else { "stage" };
    let stage = label.clone();
    view! {
        <li class="stage-row" data-depth=depth class:chosen=chosen data-status=move || status.get().as_str()>
            <button type="button" class="stage-button" data-row="" aria-pressed=move || chosen.get().to_string() on:click=choose
                title=move || row.with(|row| row.note.clone())>
                <StageIcon status=status/>
                <span class="stage-name">{label}</span>
                <Details kind=kind.clone() row=row/>
                <Lane row=row scale=scale now=now/>
                <span class="stage-took num">{took}</span>
            </button>
            <Toggle row=row stage=stage toggled=toggled/>
        </li>
    }
    .into_any()
}

#[component]
fn Details(kind: RowKind, row: Memo<Row>) -> impl IntoView {
    let (target, pivot) = match kind {
        RowKind::Stage { target, pivot, .. } => (target, pivot),
        _ => (None, false),
    };
    view! {
        <span class="stage-details">
            {target.map(|target| view! { <span class="chip">{target}</span> })}
            {pivot.then(|| view! { <span class="chip pivot" title="Point of no return: once it starts nothing is undone">"pivot"</span> })}
            <span class="stage-note">{move || row.with(|row| row.note.clone())}</span>
        </span>
    }
}

#[component]
fn Toggle(row: Memo<Row>, stage: String, toggled: RwSignal<BTreeSet<String>>) -> impl IntoView {
    let open = Memo::new(move |_| {
        row.with(|row| match row.kind {
            RowKind::Stage { open, .. } => open,
            _ => None,
        })
    });
    let stage = StoredValue::new(stage);
    let turn = move |_| {
        toggled.update(|toggled| {
            let stage = stage.get_value();
            if !toggled.remove(&stage) {
                toggled.insert(stage);
            }
        });
    };
    move || {
        open.get().map(|open| {
            let label = if open { "Hide targets" } else { "Show targets" };
            view! {
                <button type="button" class="toggle" aria-expanded=open.to_string() aria-label=label title=label on:click=turn>
                    <Icon glyph=Glyph::Chevron/>
                </button>
            }
        })
    }
}
