//! An address that leads nowhere.

use crate::components::{Empty, Glyph, set_title};
use leptos::prelude::*;

#[component]
pub(crate) fn NotFound() -> impl IntoView {
    set_title(|| "Not found".into());
    view! {
        <Empty glyph=Glyph::Search title="There is no such page">
            <p class="muted">"The address may be mistyped."</p>
            <a class="button" href="/">"Go to the projects"</a>
        </Empty>
    }
}
