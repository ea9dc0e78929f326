//! What a page shows where it has nothing to show.

use super::{Glyph, Icon};
use crate::api::ApiError;
use leptos::prelude::*;

/// Nothing is there yet, and how to change that.
#[component]
pub(crate) fn Empty(glyph: Glyph, #[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <section class="empty">
            <span class="empty-icon"><Icon glyph=glyph/></span>
            <h2>{title}</h2>
            {children()}
        </section>
    }
}

/// Something could not be loaded: what, why, and what to do next.
#[component]
pub(crate) fn Failed(
    #[prop(into)] what: String,
    error: ApiError,
    #[prop(optional, into)] retry: Option<Callback<()>>,
) -> impl IntoView {
    let hint = error.hint();
    view! {
        <section class="empty" role="alert">
            <span class="empty-icon" data-tone="bad"><Icon glyph=Glyph::Error/></span>
            <h2>{what}</h2>
            <p>{error.message()}</p>
            {(!hint.is_empty()).then(|| view! { <p class="muted">{hint}</p> })}
            {retry.map(|retry| {
                view! { <button type="button" class="button" on:click=move |_| retry.run(())>"Try again"</button> }
            })}
        </section>
    }
}
