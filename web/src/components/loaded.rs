//! A page's content while it loads, when it is here, and when it cannot be had.

use super::Failed;
use crate::api::{Phase, Remote};
use leptos::prelude::*;

/// Gray bars in the place of what will be here.
#[component]
pub(crate) fn Skeleton(rows: usize) -> impl IntoView {
    view! {
        <div class="skeleton" role="status" aria-label="Loading">
            {(0..rows).map(|_| view! { <span class="bone"></span> }).collect_view()}
        </div>
    }
}

/// Draws a document once it is here; `what` begins the sentence of a failure.
pub(crate) fn loaded<T, V>(
    remote: Remote<T>,
    what: &'static str,
    rows: usize,
    draw: impl Fn() -> V + Send + 'static,
) -> impl IntoView
where
    T: Send + Sync + 'static,
    V: IntoView + 'static,
{
    let phase = remote.phase();
    move || match phase.get() {
        Phase::Loading => view! { <Skeleton rows=rows/> }.into_any(),
        Phase::Ready => draw().into_any(),
        Phase::Failed(error) => view! { <Failed what=what error=error retry=move |()| remote.restart()/> }.into_any(),
    }
}
