//! Signing in with a one-time link: its secret is in the fragment, which browsers never send.

use crate::api::{self, ApiError};
use crate::browser::{self, Listener};
use crate::components::{Command, Logo, set_title};
use gloo_net::http::Method;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_query_map;
use windlass_api_types::user::{Me, SignIn};

#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    set_title(|| "Sign in".into());
    let error = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let next = use_query_map().with_untracked(|query| query.get("next"));
    // Only a path of this site: an address elsewhere would make the page a way to send people off.
    let next = next.filter(|next| next.starts_with('/') && !next.starts_with("//")).unwrap_or_else(|| "/".into());
    let next = StoredValue::new(next);
    let submit = move |secret: String| {
        busy.set(true);
        error.set(None);
        spawn_local(async move {
            match api::send::<Me>(Method::POST, "/session", &SignIn { secret }).await {
                Ok(_) => browser::load(&next.get_value()),
                Err(problem) => {
                    error.try_set(Some(problem));
                    busy.try_set(false);
                }
            }
        });
    };
    let take_secret = move || {
        let secret = browser::fragment().trim_start_matches('#').to_owned();
        if !secret.is_empty() {
            // The secret is used up at once, and must not stay in the history.
            browser::replace_fragment("");
            submit(secret);
        }
    };
    take_secret();
    // A link that is opened in a tab which shows this page already changes its fragment only.
    browser::keep(Listener::new(&window(), "hashchange", move |_| take_secret()));
    view! {
        <main class="sign-in" id="main">
            <Logo/>
            <h1>"Sign in to Windlass"</h1>
            <Show when=move || busy.get()>
                <p role="status">"Checking the link …"</p>
            </Show>
            <Show when=move || !busy.get()>
                {move || error.get().map(|error| view! { <Refusal error=error/> })}
                <p>"Windlass signs you in with a one-time link. On the server, or where the CLI is signed in, type:"</p>
                <Command text="windlass login --link"/>
                <p class="muted">"Open the link that it prints, or paste it here."</p>
                <LinkForm submit=submit/>
            </Show>
        </main>
    }
}

#[component]
fn Refusal(error: ApiError) -> impl IntoView {
    view! {
        <div class="notice" data-tone="bad" role="alert">
            <strong>{error.message()}</strong>
            <span>{error.hint()}</span>
        </div>
    }
}

#[component]
fn LinkForm(submit: impl Fn(String) + Copy + 'static) -> impl IntoView {
    let link = RwSignal::new(String::new());
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        // The whole link or its secret alone.
        let text = link.get_untracked();
        let secret = text.rsplit('#').next().unwrap_or_default().trim().to_owned();
        if !secret.is_empty() {
            submit(secret);
        }
    };
    view! {
        <form class="row" on:submit=send>
            <input class="input grow" type="password" autocomplete="off" aria-label="Sign-in link" placeholder="https://…/sign-in#…"
                prop:value=move || link.get() on:input:target=move |event| link.set(event.target().value())/>
            <button class="button primary" disabled=move || link.with(|link| link.trim().is_empty())>"Sign in"</button>
        </form>
    }
}
