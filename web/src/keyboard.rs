//! One listener for every key of the application. A control takes part by naming its key in
//! `aria-keyshortcuts`, a row of a list by `data-row`; nothing else has to be registered.

use crate::browser::{self, Listener};
use crate::model::shortcut::{Keys, Shortcut};
use leptos::prelude::*;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};

/// Listens until the reactive owner goes away.
pub(crate) fn listen(go: impl Fn(&'static str) + 'static, help: RwSignal<bool>) {
    let keys = Cell::new(Keys::default());
    let listener = Listener::new(&document(), "keydown", move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        if typing(event) {
            if event.key() == "Escape" {
                leave(event);
            }
            return;
        }
        let mut state = keys.get();
        let shortcut = state.take(&event.key(), js_sys::Date::now());
        keys.set(state);
        // What lies under a dialog cannot be clicked, so keys do not reach it either.
        if shortcut != Some(Shortcut::Help) && browser::find("dialog[open]").is_some() {
            return;
        }
        let done = match shortcut {
            Some(Shortcut::Go(path)) => {
                go(path);
                true
            }
            Some(Shortcut::Next) => move_focus(1),
            Some(Shortcut::Previous) => move_focus(-1),
            Some(Shortcut::Help) => {
                help.update(|open| *open = !*open);
                true
            }
            Some(Shortcut::Press(key)) => press(&key),
            None => false,
        };
        if done {
            event.prevent_default();
        }
    });
    browser::keep(listener);
}

/// What the controls of this page name: key and what it does.
pub(crate) fn offered() -> Vec<(String, String)> {
    let mut offered = Vec::new();
    for control in visible("[aria-keyshortcuts]") {
        let name = ["title", "aria-label", "placeholder"].iter().find_map(|name| control.get_attribute(name));
        if let (Some(key), Some(name)) = (control.get_attribute("aria-keyshortcuts"), name) {
            offered.push((key, name));
        }
    }
    offered
}

/// The elements that a selector finds and that are laid out.
fn visible(selector: &str) -> impl Iterator<Item = HtmlElement> {
    browser::find_all(selector).into_iter().filter(|element| element.offset_parent().is_some())
}

fn typing(event: &KeyboardEvent) -> bool {
    let Some(element) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return false };
    let text_input = || element.dyn_ref::<HtmlInputElement>().is_some_and(|input| input.type_() != "checkbox");
    matches!(element.tag_name().as_str(), "TEXTAREA" | "SELECT") || text_input()
}

fn leave(event: &KeyboardEvent) {
    if let Some(element) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) {
        let _ = element.blur();
    }
}

fn press(key: &str) -> bool {
    // A quote cannot be part of an attribute selector's string.
    if key.contains(['"', '\\']) {
        return false;
    }
    let Some(control) = visible(&format!("[aria-keyshortcuts=\"{key}\"]")).next() else { return false };
    match control.dyn_ref::<HtmlInputElement>() {
        Some(input) => {
            let _ = input.focus();
            input.select();
        }
        None => control.click(),
    }
    true
}

/// Moves the focus by so many rows of the page's list.
fn move_focus(by: isize) -> bool {
    let rows: Vec<_> = visible("[data-row]").collect();
    let active = document().active_element();
    let at = rows.iter().position(|row| active.as_ref().is_some_and(|active| row.contains(Some(active))));
    let next = match at {
        Some(at) => at.saturating_add_signed(by).min(rows.len().saturating_sub(1)),
        None => 0,
    };
    match rows.get(next) {
        Some(row) => row.focus().is_ok(),
        None => false,
    }
}
