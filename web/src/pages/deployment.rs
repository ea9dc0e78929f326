//! One deployment: what it does, how far it is, what it said, and why it failed.

use crate::api::{self, Remote};
use crate::components::{Glyph, Icon, Skeleton, loaded, set_title};
use crate::live::Follow;
use crate::model::deployments::path;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use windlass_api_types::deployment::Deployment;

mod app_log;
mod effects;
mod failure;
mod header;
mod log;
mod questions;
mod stages;

use app_log::AppLogView;
use effects::EffectsView;
use failure::FailurePanel;
use header::Header;
use log::{LogControl, LogView};
use questions::Questions;
use stages::Stages;

/// A deployment by its project and number.
#[component]
pub(crate) fn DeploymentPage() -> impl IntoView {
    let params = use_params_map();
    let label = Memo::new(move |_| {
        params.with(|params| {
            format!("{}#{}", params.get("project").unwrap_or_default(), params.get("number").unwrap_or_default())
        })
    });
    set_title(move || label.get());
    // Another deployment is another page: nothing of the last one may stay.
    move || view! { <Loaded label=label.get()/> }
}

/// A deployment by its id: leads to its address.
#[component]
pub(crate) fn DeploymentById() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id").unwrap_or_default());
    let deployment = Remote::new(move || {
        let path = format!("/deployments/{}", api::segment(&id));
        async move { api::get::<Deployment>(&path).await }
    });
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(summary) = deployment.data.with(|found| found.as_ref().map(|found| found.summary.clone())) {
            let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
            navigate(&path(&summary.project, summary.number), options);
        }
    });
    view! { <div class="page">{loaded(deployment, "The deployment could not be loaded", 8, || view! { <Skeleton rows=8/> })}</div> }
}

#[component]
fn Loaded(label: String) -> impl IntoView {
    let path = format!("/deployments/{}", api::segment(&label));
    let deployment = Remote::new(move || {
        let path = path.clone();
        async move { api::get::<Deployment>(&path).await }
    });
    loaded(deployment, "The deployment could not be loaded", 14, move || {
        deployment.data.get_untracked().map(|deployment| view! { <Run deployment=deployment/> })
    })
}

/// What is shown beside the stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Log,
    Effects,
    App,
}

#[component]
fn Run(deployment: Deployment) -> impl IntoView {
    let Deployment { summary, state, .. } = deployment;
    let follow = Follow::start(summary.id.to_string(), state);
    let control = LogControl::new(follow);
    let tab = RwSignal::new(Tab::Log);
    let show_log = move || tab.set(Tab::Log);
    let label = StoredValue::new(summary.label.clone());
    view! {
        <article class="run">
            <Header summary=summary.clone() state=follow.state/>
            <Broken follow=follow/>
            <Questions summary=summary.clone() follow=follow/>
            <FailurePanel summary=summary.clone() follow=follow control=control show_log=show_log/>
            <div class="split">
                <Stages follow=follow control=control show_log=show_log/>
                <section class="output" aria-label="Output">
                    <Tabs tab=tab follow=follow control=control/>
                    <div class="tab-panel" role="tabpanel" hidden=move || tab.get() != Tab::Log>
                        <LogView control=control summary=summary/>
                    </div>
                    <Show when=move || tab.get() == Tab::Effects>
                        <div class="tab-panel" role="tabpanel"><EffectsView follow=follow control=control/></div>
                    </Show>
                    <Show when=move || tab.get() == Tab::App>
                        <div class="tab-panel" role="tabpanel"><AppLogView label=label.get_value()/></div>
                    </Show>
                </section>
            </div>
        </article>
    }
}

#[component]
fn Tabs(tab: RwSignal<Tab>, follow: Follow, control: LogControl) -> impl IntoView {
    let effects = Memo::new(move |_| {
        follow.effects.track();
        follow.with(|record| record.effects.rows.len()).unwrap_or(0)
    });
    let scope = Memo::new(move |_| control.scope_label());
    let one = move |this: Tab, name: &'static str, key: &'static str, count: Option<Signal<usize>>| {
        view! {
            <button type="button" role="tab" class="tab" aria-selected=move || (tab.get() == this).to_string()
                aria-keyshortcuts=key title=name on:click=move |_| tab.set(this)>
                {name}{count.map(|count| view! { <span class="count num">{move || grouped(count.get())}</span> })}
            </button>
        }
    };
    view! {
        <div class="tabs">
            <div class="tablist" role="tablist">
                {one(Tab::Log, "Log", "1", Some(follow.lines.into()))}
                {one(Tab::Effects, "Effects", "2", Some(effects.into()))}
                {one(Tab::App, "App log", "3", None)}
            </div>
            {move || scope.get().map(|label| view! {
                <button type="button" class="chip scope" aria-keyshortcuts="a" title="Show all stages" on:click=move |_| control.show_all()>
                    {label}<Icon glyph=Glyph::Close/>
                </button>
            })}
        </div>
    }
}

#[component]
fn Broken(follow: Follow) -> impl IntoView {
    move || {
        follow.broken.get().map(|reason| {
            view! {
                <div class="notice" data-tone="bad" role="alert">
                    <strong>"This page cannot read the deployment's record any further."</strong>
                    <span>"Reload it: the server may be newer than the page. ("{reason}")"</span>
                </div>
            }
        })
    }
}

/// A number with its thousands apart.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}
