//! Texts to copy.

use super::{Glyph, Icon};
use crate::browser;
use leptos::prelude::*;
use std::time::Duration;

/// How long a button says that it has copied.
const SAID: Duration = Duration::from_millis(1_600);

/// A button that copies a text.
#[component]
pub(crate) fn CopyButton(
    #[prop(into)] text: Signal<String>,
    /// What is copied, for the button's name.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let done = RwSignal::new(false);
    let copy = move |_| {
        done.set(browser::copy(&text.get_untracked()));
        set_timeout(
            move || {
                done.try_set(false);
            },
            SAID,
        );
    };
    let label = format!("Copy {what}");
    view! {
        <button type="button" class="icon-button" class:done=done aria-label=label.clone() title=label on:click=copy>
            {move || match done.get() {
                true => view! { <Icon glyph=Glyph::Done/> },
                false => view! { <Icon glyph=Glyph::Copy/> },
            }}
            <span class="hidden" role="status">{move || done.get().then_some("Copied")}</span>
        </button>
    }
}

/// A command to type, with a button that copies it.
#[component]
pub(crate) fn Command(#[prop(into)] text: String) -> impl IntoView {
    view! {
        <div class="command">
            <code>{text.clone()}</code>
            <CopyButton text=text what="command"/>
        </div>
    }
}
