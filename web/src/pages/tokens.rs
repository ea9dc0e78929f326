//! API tokens: for programs, and for the CLI on other machines.

use crate::api::{self, ApiError, Remote};
use crate::components::{Ago, CopyButton, Dialog, Empty, Glyph, Icon, loaded, set_title};
use crate::live::clock;
use gloo_net::http::Method;
use leptos::{prelude::*, task::spawn_local};
use windlass_api_types::TokenId;
use windlass_api_types::user::{CreateToken, CreatedToken, Token};

/// How long a token may be good for: the words, and the days.
const LIFETIMES: [(&str, Option<u32>); 4] =
    [("30 days", Some(30)), ("90 days", Some(90)), ("1 year", Some(365)), ("does not expire", None)];

#[component]
pub(crate) fn TokensPage() -> impl IntoView {
    set_title(|| "API tokens".into());
    let tokens = Remote::new(|| api::get::<Vec<Token>>("/tokens"));
    let created = RwSignal::new(None::<CreatedToken>);
    let list = move || tokens.data.get().unwrap_or_default();
    view! {
        <div class="page">
            <header class="page-head">
                <h1>"API tokens"</h1>
                <p class="muted">"For programs, and for the CLI on other machines. A token may do what you may do."</p>
            </header>
            <NewToken created=created tokens=tokens/>
            {move || created.get().map(|created| view! { <Secret created=created/> })}
            {loaded(tokens, "The tokens could not be loaded", 3, move || {
                view! {
                    <Show when=move || !list().is_empty() fallback=NoTokens>
                        <ul class="list">
                            <For each=list key=|token| (token.id, token.last_used_at)
                                children=move |token| view! { <TokenRow token=token tokens=tokens/> }/>
                        </ul>
                    </Show>
                }
            })}
        </div>
    }
}

#[component]
fn NewToken(created: RwSignal<Option<CreatedToken>>, tokens: Remote<Vec<Token>>) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let lifetime = RwSignal::new(1_usize);
    let error = RwSignal::new(None::<ApiError>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let days = LIFETIMES.get(lifetime.get_untracked()).and_then(|(_, days)| *days);
        let body = CreateToken { name: name.get_untracked().trim().to_owned(), days };
        spawn_local(async move {
            match api::send::<CreatedToken>(Method::POST, "/tokens", &body).await {
                Ok(token) => {
                    created.try_set(Some(token));
                    name.try_set(String::new());
                    error.try_set(None);
                    tokens.reload();
                }
                Err(problem) => drop(error.try_set(Some(problem))),
            }
        });
    };
    view! {
        <form class="row" on:submit=submit>
            <input class="input grow" aria-label="What the token is for" placeholder="What it is for, such as: CI of shop"
                prop:value=move || name.get() on:input:target=move |event| name.set(event.target().value())/>
            <select class="input" aria-label="Lifetime" prop:value=move || lifetime.get().to_string()
                on:change:target=move |event| lifetime.set(event.target().value().parse().unwrap_or_default())>
                {LIFETIMES.iter().enumerate().map(|(index, (words, _))| view! { <option value=index.to_string() selected={index == 1}>{*words}</option> }).collect_view()}
            </select>
            <button class="button primary" disabled=move || name.with(|name| name.trim().is_empty())>"Create"</button>
        </form>
        {move || error.get().map(|error| view! {
            <div class="notice" data-tone="bad" role="alert"><strong>{error.message()}</strong><span>{error.hint()}</span></div>
        })}
    }
}

#[component]
fn Secret(created: CreatedToken) -> impl IntoView {
    view! {
        <div class="notice" data-tone="ok" role="status">
            <strong>"Copy the token "{created.token.name}" now: it is not shown again."</strong>
            <div class="command"><code>{created.secret.clone()}</code><CopyButton text=created.secret what="token"/></div>
        </div>
    }
}

#[component]
fn TokenRow(token: Token, tokens: Remote<Vec<Token>>) -> impl IntoView {
    let asked = RwSignal::new(false);
    let error = RwSignal::new(None::<ApiError>);
    let id = token.id;
    let name = StoredValue::new(token.name.clone());
    let revoke = move |_| revoke(id, tokens, asked, error);
    let expired = token.expires_at.is_some_and(|at| at <= clock::now());
    view! {
        <li class="token">
            <Icon glyph=Glyph::Key/>
            <strong class="grow">{token.name}</strong>
            <span class="muted">"made "<Ago at=token.created_at/></span>
            <span class="muted">{match token.last_used_at {
                Some(at) => view! { "used "<Ago at=at/> }.into_any(),
                None => "never used".into_any(),
            }}</span>
            <span class="muted" class:bad=expired>{match token.expires_at {
                Some(at) => format!("{} {}", if expired { "expired" } else { "expires" }, day(at)),
                None => "does not expire".into(),
            }}</span>
            <button type="button" class="button" data-row="" on:click=move |_| asked.set(true)>"Revoke"</button>
            <Dialog open=asked title="Revoke the token?">
                <p>"Programs that use "<strong>{name.get_value()}</strong>" are refused from now on."</p>
                {move || error.get().map(|error| view! { <p class="bad">{error.message()}" "{error.hint()}</p> })}
                <footer class="dialog-foot">
                    <button type="button" class="button" on:click=move |_| asked.set(false)>"Keep it"</button>
                    <button type="button" class="button danger" on:click=revoke>"Revoke"</button>
                </footer>
            </Dialog>
        </li>
    }
}

fn revoke(id: TokenId, tokens: Remote<Vec<Token>>, asked: RwSignal<bool>, error: RwSignal<Option<ApiError>>) {
    spawn_local(async move {
        match api::call_empty(Method::DELETE, &format!("/tokens/{id}")).await {
            Ok(()) => {
                asked.try_set(false);
                tokens.reload();
            }
            Err(problem) => drop(error.try_set(Some(problem))),
        }
    });
}

fn day(at: windlass_api_types::Timestamp) -> String {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at as f64));
    String::from(date.to_iso_string()).chars().take(10).collect()
}

#[component]
fn NoTokens() -> impl IntoView {
    view! {
        <Empty glyph=Glyph::Key title="No tokens">
            <p class="muted">"Give a program a token of its own, so that it can be revoked alone."</p>
        </Empty>
    }
}
