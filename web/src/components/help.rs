//! The keys of the page that is shown.

use super::Dialog;
use crate::keyboard;
use crate::model::shortcut::PLACES;
use leptos::prelude::*;

/// The overlay that `?` opens.
#[component]
pub(crate) fn Help(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open=open title="Keyboard">
            <div class="keys">
                <section>
                    <h3>"This page"</h3>
                    <dl>
                        <Key keys="j" and="k" does="Next and previous row".to_owned()/>
                        {keyboard::offered().into_iter().map(|(key, does)| view! { <Key keys=key does=does/> }).collect_view()}
                    </dl>
                </section>
                <section>
                    <h3>"Anywhere"</h3>
                    <dl>
                        {PLACES
                            .iter()
                            .map(|(key, _, name)| view! { <Key keys="g" and=key.to_string() does=(*name).to_owned()/> })
                            .collect_view()}
                        <Key keys="?" does="This overview".to_owned()/>
                        <Key keys="Esc" does="Leave a field, close an overlay".to_owned()/>
                    </dl>
                </section>
            </div>
        </Dialog>
    }
}

#[component]
fn Key(#[prop(into)] keys: String, #[prop(into, optional)] and: String, does: String) -> impl IntoView {
    view! {
        <div>
            <dt>
                <kbd>{keys}</kbd>
                {(!and.is_empty()).then(|| view! { <kbd>{and}</kbd> })}
            </dt>
            <dd>{does}</dd>
        </div>
    }
}
