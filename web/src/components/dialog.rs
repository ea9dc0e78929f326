//! A modal dialog: the browser keeps the focus in it and closes it on Escape.

use super::{Glyph, Icon};
use leptos::{html, prelude::*};

/// A dialog that shows while `open` says so, and sets it when it is closed.
#[component]
pub(crate) fn Dialog(open: RwSignal<bool>, #[prop(into)] title: String, children: ChildrenFn) -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = element.get() else { return };
        match open.get() {
            // It fails for a dialog that is open already.
            true => drop(dialog.show_modal()),
            false => dialog.close(),
        }
    });
    let children = StoredValue::new(children);
    let backdrop = move |event: leptos::ev::MouseEvent| {
        let on_itself = element.get_untracked().is_some_and(|dialog| event.target() == Some((*dialog).clone().into()));
        if on_itself {
            open.set(false);
        }
    };
    view! {
        <dialog node_ref=element class="dialog" aria-labelledby="dialog-title" on:close=move |_| open.set(false) on:click=backdrop>
            <Show when=move || open.get()>
                <div class="dialog-body">
                    <header>
                        <h2 id="dialog-title">{title.clone()}</h2>
                        <button type="button" class="icon-button" aria-label="Close" on:click=move |_| open.set(false)>
                            <Icon glyph=Glyph::Close/>
                        </button>
                    </header>
                    {children.with_value(|children| children())}
                </div>
            </Show>
        </dialog>
    }
}
