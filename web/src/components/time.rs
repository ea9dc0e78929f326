//! Points in time, relative to now, with the exact moment on hover.

use crate::browser::local_time;
use crate::live::clock::Clock;
use crate::model::time::ago;
use leptos::prelude::*;
use windlass_api_types::Timestamp;

/// How long ago something was; it changes as time passes.
#[component]
pub(crate) fn Ago(#[prop(into)] at: Signal<Timestamp>) -> impl IntoView {
    let now = Clock::get();
    let text = Memo::new(move |_| ago(now.get(), at.get()));
    view! { <time class="ago" title=move || local_time(at.get())>{text}</time> }
}

/// Sets the tab's title while the page is shown.
pub(crate) fn set_title(title: impl Fn() -> String + 'static) {
    Effect::new(move |_| document().set_title(&format!("{} · Windlass", title())));
}
