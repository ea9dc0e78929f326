//! The deployments, newest first, live.

use crate::api::{self, ApiError};
use crate::components::{Command, Empty, Failed, Glyph, Skeleton, set_title};
use crate::live::Live;
use crate::model::deployments::{DeploymentFilter, merge};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_query_map;
use windlass_api_types::DeploymentId;
use windlass_api_types::deployment::{DeploymentPage, DeploymentSummary};

mod filters;
mod history;
mod table;

use filters::Filters;
use history::History;
use table::Table;

/// What the list has loaded.
#[derive(Clone, Copy)]
struct Listing {
    filter: RwSignal<DeploymentFilter>,
    /// Every deployment seen, of any filter.
    known: RwSignal<Vec<DeploymentSummary>>,
    /// Where the next page begins; `None` until the first is here.
    next: RwSignal<Option<Option<DeploymentId>>>,
    error: RwSignal<Option<ApiError>>,
    loading: RwSignal<bool>,
    request: StoredValue<u32>,
}

#[component]
pub(crate) fn DeploymentsPage() -> impl IntoView {
    set_title(|| "Deployments".into());
    let listing = Listing::new();
    let query = use_query_map();
    Effect::new(move |_| {
        let filter = filters::read(&query.get());
        if filter != listing.filter.get_untracked() || listing.next.with_untracked(Option::is_none) {
            let same = filter.query() == listing.filter.with_untracked(DeploymentFilter::query);
            listing.filter.set(filter);
            if !same || listing.next.with_untracked(Option::is_none) {
                listing.restart();
            }
        }
    });
    if let Some(live) = use_context::<Live>() {
        Effect::new(move |_| {
            let changed = live.deployments.get();
            listing.known.maybe_update(|known| merge(known, changed));
        });
    }
    let shown = listing.shown();
    view! {
        <div class="page">
            <header class="page-head"><h1>"Deployments"</h1></header>
            <Filters filter=listing.filter known=listing.known/>
            {move || match (listing.next.get(), listing.error.get()) {
                (None, Some(error)) => view! {
                    <Failed what="The deployments could not be loaded" error=error retry=move |()| listing.restart()/>
                }.into_any(),
                (None, None) => view! { <Skeleton rows=12/> }.into_any(),
                (Some(_), _) => view! {
                    <Show when=move || shown.with(|shown| !shown.is_empty()) fallback=move || view! { <Nothing listing=listing/> }>
                        <History shown=shown/>
                        <Table shown=shown/>
                    </Show>
                    <More listing=listing/>
                }.into_any(),
            }}
        </div>
    }
}

impl Listing {
    fn new() -> Self {
        Self {
            filter: RwSignal::default(),
            known: RwSignal::default(),
            next: RwSignal::new(None),
            error: RwSignal::new(None),
            loading: RwSignal::new(false),
            request: StoredValue::new(0),
        }
    }

    fn shown(self) -> Memo<Vec<DeploymentSummary>> {
        Memo::new(move |_| {
            let filter = self.filter.get();
            self.known.with(|known| known.iter().filter(|one| filter.shows(one)).cloned().collect())
        })
    }

    fn restart(self) {
        self.next.set(None);
        self.load(None);
    }

    fn load(self, before: Option<DeploymentId>) {
        self.request.update_value(|request| *request += 1);
        let number = self.request.get_value();
        self.loading.set(true);
        self.error.set(None);
        let before = before.map(|id| ("before", id.to_string()));
        let query = self.filter.with_untracked(DeploymentFilter::query);
        let parts: Vec<_> = query.into_iter().chain(before).collect();
        let path = parts.iter().fold("/deployments?limit=50".to_owned(), |path, (name, value)| {
            format!("{path}&{name}={}", api::segment(value))
        });
        spawn_local(async move {
            let answer = api::get::<DeploymentPage>(&path).await;
            if self.request.try_get_value() != Some(number) {
                return;
            }
            self.loading.set(false);
            match answer {
                Ok(page) => {
                    self.known.maybe_update(|known| merge(known, page.deployments));
                    self.next.set(Some(page.next));
                }
                Err(error) => self.error.set(Some(error)),
            }
        });
    }
}

#[component]
fn More(listing: Listing) -> impl IntoView {
    let next = move || listing.next.get().flatten();
    view! {
        {move || listing.error.get().map(|error| view! {
            <div class="notice" data-tone="bad" role="alert"><strong>{error.message()}</strong><span>{error.hint()}</span></div>
        })}
        <Show when=move || next().is_some()>
            <div class="more">
                <button type="button" class="button" disabled=move || listing.loading.get() on:click=move |_| listing.load(next())>
                    {move || if listing.loading.get() { "Loading" } else { "Load more" }}
                </button>
            </div>
        </Show>
    }
}

#[component]
fn Nothing(listing: Listing) -> impl IntoView {
    move || match listing.filter.with(DeploymentFilter::is_empty) {
        true => view! {
            <Empty glyph=Glyph::Deployment title="No deployments yet">
                <p class="muted">"In the directory of a project, type:"</p>
                <Command text="windlass deploy --to production"/>
            </Empty>
        }
        .into_any(),
        false => view! {
            <Empty glyph=Glyph::Search title="Nothing matches">
                <p class="muted">"Of the deployments loaded so far none fits the filter."</p>
                <a class="button" href="/deployments">"Show all"</a>
            </Empty>
        }
        .into_any(),
    }
}
