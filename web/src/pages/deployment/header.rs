//! Who deployed what where, when, and how it stands.

use crate::api::{self, ApiError};
use crate::components::{Ago, CopyButton, Dialog, Glyph, Icon, StatusBadge};
use crate::live::clock;
use crate::model::deployments::short_sha;
use crate::model::time::{duration, ticking};
use gloo_net::http::Method;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::components::A;
use std::sync::Arc;
use windlass_api_types::deployment::{Commit, Deployment, DeploymentSummary};
use windlass_api_types::{DeploymentKind, DeploymentState, DeploymentStatus};

type State = RwSignal<Arc<DeploymentState>>;

#[component]
pub(crate) fn Header(summary: DeploymentSummary, state: State) -> impl IntoView {
    let known = summary.status;
    let status = Memo::new(move |_| state.with(|state| state.status.unwrap_or(known)));
    let created = summary.created_at;
    let queued = Memo::new(move |_| state.with(|state| state.started_at).map(|started| started - created));
    let history = format!("/deployments?project={}", api::segment(&summary.project));
    let reason = (summary.reason != DeploymentKind::Deploy).then(|| summary.reason.as_str());
    view! {
        <header class="run-head">
            <div class="run-title">
                <A href=history attr:class="icon-button" attr:aria-label="Deployments of the project" attr:title="Deployments of the project"><Icon glyph=Glyph::Back/></A>
                <h1>{summary.project.clone()}<span class="muted">"#"{summary.number}</span></h1>
                <span class="to"><Icon glyph=Glyph::Arrow/>{summary.environment.clone()}</span>
                <StatusBadge status=status/>
                {reason.map(|reason| view! { <span class="chip">{reason}</span> })}
                <span class="grow"></span>
                <CopyButton text=summary.label.clone() what="label"/>
                <Cancel label=summary.label.clone() state=state status=status/>
            </div>
            <dl class="facts">
                <div><dt>"Took"</dt><dd class="num strong"><Took state=state/></dd></div>
                <div><dt>"Queued"</dt><dd class="num">{move || match queued.get() {
                    Some(ms) => duration(ms).into_any(),
                    None => view! { <Ago at=created/> }.into_any(),
                }}</dd></div>
                <div><dt>"Created"</dt><dd><Ago at=created/></dd></div>
                <div><dt>"By"</dt><dd>{summary.actor}</dd></div>
                <div><dt>"Release"</dt><dd class="mono">{summary.release}</dd></div>
                {summary.commit.map(|commit| view! { <CommitFact commit=commit/> })}
            </dl>
        </header>
    }
}

#[component]
fn Took(state: State) -> impl IntoView {
    let times = Memo::new(move |_| state.with(|state| (state.status, state.started_at, state.ended_at)));
    let runs = |status| matches!(status, Some(DeploymentStatus::Running | DeploymentStatus::Waiting));
    let now = clock::fine(move || runs(times.get().0));
    Memo::new(move |_| match times.get() {
        (_, Some(start), Some(end)) => duration(end - start),
        (status, Some(start), None) if runs(status) => ticking(now.get() - start),
        _ => "–".to_owned(),
    })
}

#[component]
fn CommitFact(commit: Commit) -> impl IntoView {
    let author = commit.author.map(|author| format!(" by {author}")).unwrap_or_default();
    let title = format!("{}{author}\n{}", commit.sha, commit.message.clone().unwrap_or_default());
    view! {
        <div class="wide"><dt>"Commit"</dt><dd class="commit" title=title>
            <span class="mono">{short_sha(&commit.sha).to_owned()}</span>
            {commit.branch.map(|branch| view! { <span class="chip"><Icon glyph=Glyph::Branch/>{branch}</span> })}
            <span class="commit-message">{commit.message}</span>
        </dd></div>
    }
}

#[component]
fn Cancel(label: String, state: State, status: Memo<DeploymentStatus>) -> impl IntoView {
    let asked = RwSignal::new(false);
    let error = RwSignal::new(None::<ApiError>);
    let canceling = Memo::new(move |_| state.with(|state| state.cancel_requested));
    let path = StoredValue::new(format!("/deployments/{}/cancel", api::segment(&label)));
    let label = StoredValue::new(label);
    let cancel = move |_| {
        spawn_local(async move {
            match api::call::<Deployment>(Method::POST, &path.get_value()).await {
                Ok(_) => drop(asked.try_set(false)),
                Err(problem) => drop(error.try_set(Some(problem))),
            }
        });
    };
    view! {
        <Show when=move || !status.get().is_terminal()>
            <button type="button" class="button danger" disabled=move || canceling.get()
                on:click=move |_| { error.set(None); asked.set(true) }>
                {move || if canceling.get() { "Canceling" } else { "Cancel" }}
            </button>
        </Show>
        <Dialog open=asked title="Cancel the deployment?">
            <p>{label.get_value()}{move || consequence(status.get())}</p>
            {move || error.get().map(|error| view! {
                <div class="notice" data-tone="bad" role="alert"><strong>{error.message()}</strong><span>{error.hint()}</span></div>
            })}
            <footer class="dialog-foot">
                <button type="button" class="button" on:click=move |_| asked.set(false)>"Let it run"</button>
                <button type="button" class="button danger" on:click=cancel>"Cancel the deployment"</button>
            </footer>
        </Dialog>
    }
}

/// What canceling does.
fn consequence(status: DeploymentStatus) -> &'static str {
    match status {
        DeploymentStatus::Queued => " leaves the queue. Nothing has been done.",
        DeploymentStatus::Interrupted => {
            " ends as canceled. Stages that have started are undone in reverse order, as the pipeline says."
        }
        _ => " stops where it is. Stages that have started are undone in reverse order, as the pipeline says.",
    }
}
