//! What the list is filtered by; it is in the address, so that it can be shared and gone back to.

use crate::api;
use crate::components::{Glyph, Icon};
use crate::model::deployments::DeploymentFilter;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use leptos_router::params::ParamsMap;
use windlass_api_types::DeploymentStatus;
use windlass_api_types::deployment::DeploymentSummary;

/// The filter of an address.
pub(crate) fn read(query: &ParamsMap) -> DeploymentFilter {
    let value = |name: &str| query.get(name).filter(|value| !value.is_empty());
    DeploymentFilter {
        project: value("project"),
        environment: value("environment"),
        status: value("status").and_then(|word| word.parse().ok()),
        text: value("q").unwrap_or_default(),
    }
}

/// The address of a filter.
fn write(filter: &DeploymentFilter) -> String {
    let mut parts = filter.query();
    if !filter.text.is_empty() {
        parts.push(("q", filter.text.clone()));
    }
    let parts: Vec<_> = parts.iter().map(|(name, value)| format!("{name}={}", api::segment(value))).collect();
    match parts.is_empty() {
        true => "/deployments".into(),
        false => format!("/deployments?{}", parts.join("&")),
    }
}

/// The controls.
#[component]
pub(crate) fn Filters(filter: RwSignal<DeploymentFilter>, known: RwSignal<Vec<DeploymentSummary>>) -> impl IntoView {
    let navigate = StoredValue::new_local(use_navigate());
    let change = move |change: &dyn Fn(&mut DeploymentFilter)| {
        let mut next = filter.get_untracked();
        change(&mut next);
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate.with_value(|navigate| navigate(&write(&next), options));
    };
    let names = move |of: fn(&DeploymentSummary) -> &String| {
        Memo::new(move |_| {
            let mut names: Vec<String> = known.with(|known| known.iter().map(of).cloned().collect());
            names.sort_unstable();
            names.dedup();
            names
        })
    };
    let (projects, environments) = (names(|one| &one.project), names(|one| &one.environment));
    view! {
        <div class="filters" role="search">
            <label class="search grow">
                <Icon glyph=Glyph::Search/>
                <input type="search" class="input" placeholder="Search releases, commits, people" aria-label="Search deployments"
                    aria-keyshortcuts="/" prop:value=move || filter.with(|filter| filter.text.clone())
                    on:input:target=move |event| { let text = event.target().value(); change(&|filter| filter.text = text.clone()) }/>
                <kbd aria-hidden="true">"/"</kbd>
            </label>
            <Choice label="Project" all="All projects" options=projects chosen=Signal::derive(move || filter.with(|filter| filter.project.clone()))
                choose=move |choice| change(&|filter| filter.project = choice.clone())/>
            <Choice label="Environment" all="All environments" options=environments chosen=Signal::derive(move || filter.with(|filter| filter.environment.clone()))
                choose=move |choice| change(&|filter| filter.environment = choice.clone())/>
            <Choice label="Status" all="Any status"
                options=Signal::derive(|| DeploymentStatus::ALL.iter().map(|status| status.as_str().to_owned()).collect())
                chosen=Signal::derive(move || filter.with(|filter| filter.status.map(|status| status.as_str().to_owned())))
                choose=move |choice| change(&|filter| filter.status = choice.as_ref().and_then(|word| word.parse().ok()))/>
        </div>
    }
}

#[component]
fn Choice(
    label: &'static str,
    all: &'static str,
    #[prop(into)] options: Signal<Vec<String>>,
    chosen: Signal<Option<String>>,
    choose: impl Fn(Option<String>) + 'static,
) -> impl IntoView {
    // What the address names is an option even where no deployment of it is known.
    let options = Memo::new(move |_| {
        let mut options = options.get();
        options.extend(chosen.get().filter(|chosen| !options.contains(chosen)));
        options
    });
    view! {
        <select class="input" aria-label=label
            on:change:target=move |event| choose(Some(event.target().value()).filter(|value| !value.is_empty()))>
            <option value="" selected=move || chosen.with(Option::is_none)>{all}</option>
            <For each=move || options.get() key=Clone::clone children=move |option| {
                let value = option.clone();
                let selected = move || chosen.with(|chosen| chosen.as_ref() == Some(&value));
                view! { <option value=option.clone() selected=selected>{option.clone()}</option> }
            }/>
        </select>
    }
}
