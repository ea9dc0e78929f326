//! The table of deployments.

use crate::components::{Ago, Glyph, Icon, StatusBadge};
use crate::live::clock::Clock;
use crate::model::deployments::{elapsed_text, path, short_sha};
use leptos::prelude::*;
use leptos_router::components::A;
use std::collections::HashMap;
use windlass_api_types::deployment::{Commit, DeploymentSummary};
use windlass_api_types::{DeploymentId, DeploymentKind};

#[component]
pub(crate) fn Table(shown: Memo<Vec<DeploymentSummary>>) -> impl IntoView {
    let by_id: Memo<HashMap<DeploymentId, DeploymentSummary>> =
        Memo::new(move |_| shown.with(|shown| shown.iter().map(|one| (one.id, one.clone())).collect()));
    let ids = move || shown.with(|shown| shown.iter().map(|one| one.id).collect::<Vec<_>>());
    view! {
        <table class="table deployments">
            <thead>
                <tr>
                    <th>"Status"</th>
                    <th>"Deployment"</th>
                    <th>"Environment"</th>
                    <th>"Release"</th>
                    <th>"Commit"</th>
                    <th>"By"</th>
                    <th>"Started"</th>
                    <th class="end">"Duration"</th>
                </tr>
            </thead>
            <tbody>
                <For each=ids key=|id| *id children=move |id| {
                    let last = StoredValue::new(by_id.with_untracked(|all| all.get(&id).cloned()));
                    // A row that is on its way out keeps what it showed.
                    let row = Memo::new(move |_| {
                        if let Some(now) = by_id.with(|all| all.get(&id).cloned()) {
                            last.set_value(Some(now));
                        }
                        last.get_value()
                    });
                    row.get_untracked().map(|first| view! { <Row first=first row=row/> })
                }/>
            </tbody>
        </table>
    }
}

#[component]
fn Row(first: DeploymentSummary, row: Memo<Option<DeploymentSummary>>) -> impl IntoView {
    let now = Clock::get();
    let status = Memo::new(move |_| row.with(|row| row.as_ref().map_or(first.status, |row| row.status)));
    let failed_stage = Memo::new(move |_| row.with(|row| row.as_ref().and_then(|row| row.failed_stage.clone())));
    let started = Memo::new(move |_| row.with(|row| row.as_ref().and_then(|row| row.started_at)));
    let running = Memo::new(move |_| row.with(|row| row.as_ref().is_some_and(|row| row.ended_at.is_none())));
    let took = Memo::new(move |_| {
        let now = if running.get() { now.get() } else { 0 };
        row.with(|row| row.as_ref().map(|row| elapsed_text(row, now)))
    });
    let href = path(&first.project, first.number);
    let reason = (first.reason != DeploymentKind::Deploy).then(|| first.reason.as_str());
    view! {
        <tr>
            <td data-cell="status"><StatusBadge status=status/></td>
            <td data-cell="label">
                <A href=href attr:class="row-link" attr:data-row=""><strong>{first.project}</strong><span class="muted">"#"{first.number}</span></A>
                {move || failed_stage.get().map(|stage| view! { <span class="failed-stage">"at "{stage}</span> })}
            </td>
            <td data-cell="environment">{first.environment}{reason.map(|reason| view! { <span class="chip">{reason}</span> })}</td>
            <td data-cell="release" class="mono">{first.release}</td>
            <td data-cell="commit">{first.commit.map(|commit| view! { <CommitCell commit=commit/> })}</td>
            <td data-cell="actor">{first.actor}</td>
            <td data-cell="started" class="muted">{move || match started.get() {
                Some(at) => view! { <Ago at=at/> }.into_any(),
                None => "queued".into_any(),
            }}</td>
            <td data-cell="took" class="end num">{took}</td>
        </tr>
    }
}

#[component]
fn CommitCell(commit: Commit) -> impl IntoView {
    let title = commit.message.clone().unwrap_or_default();
    view! {
        <span class="commit" title=title>
            <Icon glyph=Glyph::Commit/>
            <span class="mono">{short_sha(&commit.sha).to_owned()}</span>
            <span class="commit-message">{commit.message}</span>
        </span>
    }
}
