//! The frame around every page: navigation, connection, theme, who is signed in.

use super::{Glyph, Help, Icon};
use crate::api::{self, Remote};
use crate::browser;
use crate::keyboard;
use crate::live::{Live, clock::Clock, connection::Connection, connection::CurrentConnection};
use crate::theme::Theme;
use gloo_net::http::Method;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::components::{A, Outlet};
use leptos_router::hooks::{use_location, use_navigate};
use windlass_api_types::user::Me;

/// The places of the navigation.
const PLACES: [(&str, &str, Glyph); 4] = [
    ("/", "Projects", Glyph::Project),
    ("/deployments", "Deployments", Glyph::Deployment),
    ("/targets", "Targets", Glyph::Target),
    ("/plugins", "Plugins", Glyph::Plugin),
];

/// The frame; the router puts the page into it.
#[component]
pub(crate) fn Shell() -> impl IntoView {
    Clock::provide();
    let connection = CurrentConnection(RwSignal::default());
    provide_context(connection);
    let live = Live::new();
    provide_context(live);
    let me = Remote::new(|| api::get::<Me>("/session"));
    provide_context(me);

    let path = use_location().pathname;
    // A deployment's page has a stream of its own.
    let follows = Memo::new(move |_| path.with(|path| path.starts_with("/deployments/")));
    Effect::new(move |_| live.set_open(!follows.get()));

    // A new page begins at its top for those who read it with the keyboard, too.
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            // An element that is gone cannot be focused, which harms nobody.
            let _ = browser::find("#main").map(|main| main.focus());
        }
        path
    });

    let help = RwSignal::new(false);
    let navigate = use_navigate();
    keyboard::listen(move |path| navigate(path, Default::default()), help);

    view! {
        <a class="skip" href="#main">"Skip to content"</a>
        <header class="top">
            <A href="/" attr:class="brand"><Logo/>"Windlass"</A>
            <nav aria-label="Primary">
                {PLACES
                    .map(|(href, name, glyph)| {
                        view! { <A href=href exact={href == "/"}><Icon glyph=glyph/><span>{name}</span></A> }
                    })
                    .collect_view()}
            </nav>
            <ConnectionBadge connection=connection/>
            <button type="button" class="icon-button" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)"
                on:click=move |_| help.set(true)>
                <Icon glyph=Glyph::Help/>
            </button>
            <ThemeButton/>
            <Account me=me/>
        </header>
        <main id="main" tabindex="-1"><Outlet/></main>
        <Help open=help/>
    }
}

/// The mark: a drum with its crank and rope.
#[component]
pub(crate) fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 20 20" aria-hidden="true">
            <circle cx="9" cy="8" r="5.750"/>
            <path d="M9 8 14.500 3.500h3M3.250 8v9.500m-2 0h4"/>
            <circle class="hub" cx="9" cy="8" r="1.600"/>
        </svg>
    }
}

#[component]
fn ConnectionBadge(connection: CurrentConnection) -> impl IntoView {
    let connection = connection.0;
    view! {
        <span class="connection" role="status" hidden=move || connection.get() == Connection::Idle data-state=move || connection.get().word()
            title=move || connection.get().explanation()>
            <i aria-hidden="true"></i>
            <span>{move || connection.get().word()}</span>
        </span>
    }
}

#[component]
fn ThemeButton() -> impl IntoView {
    let theme = RwSignal::new(Theme::remembered());
    let turn = move |_| {
        theme.update(|theme| *theme = theme.next());
        theme.get_untracked().apply();
    };
    let label = move || format!("Theme: {}", theme.get().word());
    view! {
        <button type="button" class="icon-button" aria-label=label title=label on:click=turn>
            {move || {
                let glyph = match theme.get() {
                    Theme::System => Glyph::System,
                    Theme::Light => Glyph::Light,
                    Theme::Dark => Glyph::Dark,
                };
                view! { <Icon glyph=glyph/> }
            }}
        </button>
    }
}

#[component]
fn Account(me: Remote<Me>) -> impl IntoView {
    let name = move || me.data.with(|me| me.as_ref().map_or_else(String::new, |me| me.name.clone()));
    let version = move || me.data.with(|me| me.as_ref().map(|me| format!("Windlass {}", me.version)));
    let sign_out = move |_| {
        spawn_local(async {
            // A session that is gone already is what was asked for.
            let _ = api::call_empty(Method::DELETE, "/session").await;
            browser::load("/sign-in");
        });
    };
    let close = |_| {
        // It fails where it is closed already.
        let _ = browser::find("#account:popover-open").map(|menu| menu.hide_popover());
    };
    view! {
        <button type="button" class="icon-button" popovertarget="account" aria-label="Account" title="Account">
            <Icon glyph=Glyph::User/>
        </button>
        <div class="menu" id="account" popover="auto" on:click=close>
            <p class="menu-head"><strong>{name}</strong><span class="muted">{version}</span></p>
            <A href="/settings/tokens"><Icon glyph=Glyph::Key/>"API tokens"</A>
            <a href="/api/v1/docs" rel="external"><Icon glyph=Glyph::Line/>"API reference"</a>
            <button type="button" on:click=sign_out><Icon glyph=Glyph::Arrow/>"Sign out"</button>
        </div>
    }
}
