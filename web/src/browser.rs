//! Small helpers around the browser's objects.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Element, EventTarget, HtmlElement};

/// A listener that is removed when it is dropped.
pub(crate) struct Listener {
    target: EventTarget,
    name: &'static str,
    callback: Closure<dyn FnMut(web_sys::Event)>,
}

impl Listener {
    pub(crate) fn new(
        target: &EventTarget,
        name: &'static str,
        callback: impl FnMut(web_sys::Event) + 'static,
    ) -> Self {
        let callback = Closure::<dyn FnMut(web_sys::Event)>::new(callback);
        // It fails for a callback that is no function only.
        let _ = target.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        Self { target: target.clone(), name, callback }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.name, self.callback.as_ref().unchecked_ref());
    }
}

/// Keeps something that is bound to this page until the reactive owner goes away.
pub(crate) fn keep<T: 'static>(value: T) {
    StoredValue::new_local(value);
}

/// Whether the tab cannot be seen.
pub(crate) fn is_hidden() -> bool {
    document().hidden()
}

/// The part of the address after the host.
pub(crate) fn here() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// The `#…` of the address.
pub(crate) fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// Changes the address without going anywhere; an empty fragment removes it.
pub(crate) fn replace_fragment(fragment: &str) {
    let history = window().history();
    // A browser that refuses (too many calls a second) keeps the old address, which harms nobody.
    let _ = history.and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&(here() + fragment))));
}

/// Loads another page of the application anew.
pub(crate) fn load(path: &str) {
    let _ = window().location().replace(path);
}

/// A value that the browser keeps for this site; `None` where it keeps nothing (private mode).
pub(crate) fn stored(key: &str) -> Option<String> {
    window().local_storage().ok().flatten()?.get_item(key).ok().flatten()
}

/// Keeps a value for this site, where the browser allows it.
pub(crate) fn store(key: &str, value: Option<&str>) {
    let Ok(Some(storage)) = window().local_storage() else { return };
    let _ = match value {
        Some(value) => storage.set_item(key, value),
        None => storage.remove_item(key),
    };
}

/// Puts a text on the clipboard; answers whether the browser lets it.
pub(crate) fn copy(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    if JsValue::from(&clipboard).is_undefined() {
        return copy_selected(text).unwrap_or(false);
    }
    let _ = clipboard.write_text(text);
    true
}

/// The old way, by a selection: on plain HTTP browsers offer no other but on loopback.
fn copy_selected(text: &str) -> Result<bool, JsValue> {
    let document = document().unchecked_into::<web_sys::HtmlDocument>();
    let area = document.create_element("textarea")?.unchecked_into::<web_sys::HtmlTextAreaElement>();
    area.set_value(text);
    area.set_class_name("hidden");
    let Some(body) = document.body() else { return Ok(false) };
    body.append_child(&area)?;
    area.select();
    let copied = document.exec_command("copy");
    area.remove();
    copied
}

/// Offers a text as a file.
pub(crate) fn download(name: &str, text: &str) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("text/plain;charset=utf-8");
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options)?;
    let url = web_sys::Url::create_object_url_with_blob(&blob)?;
    let link = document().create_element("a")?.unchecked_into::<web_sys::HtmlAnchorElement>();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    web_sys::Url::revoke_object_url(&url)
}

/// The first element that a selector finds.
pub(crate) fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// All elements that a selector finds, in the order of the document.
pub(crate) fn find_all(selector: &str) -> Vec<HtmlElement> {
    let Ok(list) = document().query_selector_all(selector) else { return Vec::new() };
    (0..list.length()).filter_map(|index| list.get(index)?.dyn_into().ok()).collect()
}

/// The element an event happened in, or its nearest ancestor that a selector finds.
pub(crate) fn closest(event: &web_sys::Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok().flatten()
}

/// A moment in the local form of date and time.
pub(crate) fn local_time(at: windlass_api_types::Timestamp) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(at as f64));
    String::from(date.to_locale_string("en-US", &JsValue::UNDEFINED))
}

/// A moment's local time of day, to the millisecond.
pub(crate) fn time_of_day(at: windlass_api_types::Timestamp) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(at as f64));
    format!(
        "{:02}:{:02}:{:02}.{:03}",
        date.get_hours(),
        date.get_minutes(),
        date.get_seconds(),
        date.get_milliseconds()
    )
}
