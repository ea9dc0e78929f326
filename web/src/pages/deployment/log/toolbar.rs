//! The log's controls. Their keys are in `aria-keyshortcuts`.

use super::LogControl;
use crate::browser;
use crate::components::{Glyph, Icon};
use crate::model::range::LineRange;
use leptos::prelude::*;
use windlass_api_types::Level;

#[component]
pub(crate) fn Toolbar(control: LogControl, top: Signal<usize>, file: String) -> impl IntoView {
    let level = move || control.filter.with(|filter| filter.level);
    view! {
        <div class="toolbar" role="toolbar" aria-label="Log controls">
            <SearchField control=control top=top/>
            <select class="input" aria-label="Least level" prop:value=move || level().as_str()
                on:change:target=move |event| control.set_level(event.target().value().parse().unwrap_or(Level::Debug))>
                {Level::ALL.iter().map(|level| view! { <option value=level.as_str()>{level_words(*level)}</option> }).collect_view()}
            </select>
            <span class="grow"></span>
            <Errors control=control/>
            <Switch key="t" name="Timestamps" glyph=Glyph::Clock on=control.timestamps turn=move || control.turn_timestamps()/>
            <Switch key="w" name="Wrap long lines" glyph=Glyph::Wrap on=control.wrap turn=move || control.turn_wrap()/>
            <CopyLog control=control/>
            <button type="button" class="icon-button" title="Download as text" aria-label="Download as text"
                on:click=move |_| download(control, &file)><Icon glyph=Glyph::Download/></button>
            <button type="button" class="button follow" aria-keyshortcuts="f" title="Follow the end of the log"
                aria-pressed=move || control.following.get().to_string()
                on:click=move |_| control.following.update(|on| *on = !*on)>"Follow"</button>
        </div>
    }
}

fn level_words(level: Level) -> &'static str {
    match level {
        Level::Debug => "All levels",
        Level::Info => "Info and up",
        Level::Warning => "Warnings and up",
        Level::Error => "Errors",
    }
}

#[component]
fn SearchField(control: LogControl, top: Signal<usize>) -> impl IntoView {
    let active = move || control.query.with(|query| !query.is_empty());
    let count = move || {
        let ((count, done), hit) = (control.hits.get(), control.hit.get());
        let more = if done { "" } else { "+" };
        match hit {
            Some(hit) => format!("{}/{count}{more}", hit + 1),
            None => format!("{count}{more}"),
        }
    };
    let keydown = move |event: leptos::ev::KeyboardEvent| match event.key().as_str() {
        "Enter" => control.step(!event.shift_key(), top.get_untracked()),
        "Escape" if active() => control.set_query(String::new()),
        _ => {}
    };
    view! {
        <div class="search log-search">
            <Icon glyph=Glyph::Search/>
            <input type="search" class="input" placeholder="Search the log" aria-label="Search the log" aria-keyshortcuts="/"
                prop:value=move || control.query.get()
                on:input:target=move |event| control.set_query(event.target().value())
                on:keydown=keydown/>
            <Show when=active fallback=|| view! { <kbd aria-hidden="true">"/"</kbd> }>
                <span class="hits num" role="status" title="Matching lines">{count}</span>
                <button type="button" class="icon-button small" aria-keyshortcuts="N" title="Previous match" aria-label="Previous match"
                    on:click=move |_| control.step(false, top.get_untracked())><Icon glyph=Glyph::Up/></button>
                <button type="button" class="icon-button small" aria-keyshortcuts="n" title="Next match" aria-label="Next match"
                    on:click=move |_| control.step(true, top.get_untracked())><Icon glyph=Glyph::Down/></button>
            </Show>
        </div>
    }
}

#[component]
fn Errors(control: LogControl) -> impl IntoView {
    let count = Memo::new(move |_| {
        control.rows.track();
        control.read(|_, log| log.errors.len()).unwrap_or(0)
    });
    let last = move || control.chosen.with_untracked(|range| range.as_ref().map(|range| range.last() - 1));
    view! {
        <Show when=move || { count.get() > 0 }>
            <button type="button" class="button errors" aria-keyshortcuts="e" title="Go to the next error"
                on:click=move |_| control.next_error(last())>
                {move || match count.get() { 1 => "1 error".to_owned(), many => format!("{many} errors") }}
            </button>
        </Show>
    }
}

#[component]
fn Switch(
    key: &'static str,
    name: &'static str,
    glyph: Glyph,
    on: RwSignal<bool>,
    turn: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button type="button" class="icon-button" aria-keyshortcuts=key title=name aria-label=name
            aria-pressed=move || on.get().to_string() on:click=move |_| turn()><Icon glyph=glyph/></button>
    }
}

#[component]
fn CopyLog(control: LogControl) -> impl IntoView {
    let name = move || match control.chosen.with(|range| range.as_ref().map(LineRange::to_string)) {
        Some(range) => format!("Copy {}", range.trim_start_matches('#')),
        None => "Copy the shown lines".to_owned(),
    };
    view! {
        <button type="button" class="icon-button" aria-keyshortcuts="c" title=name aria-label=name
            on:click=move |_| { browser::copy(&control.text(|line, _| line.text.to_string())); }><Icon glyph=Glyph::Copy/></button>
    }
}

fn download(control: LogControl, file: &str) {
    let text = control.text(|line, run| {
        let at = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(line.at as f64)).to_iso_string();
        format!("{} {run} | {}", String::from(at), line.text)
    });
    if browser::download(file, &text).is_err() {
        leptos::logging::warn!("the browser refused the download");
    }
}
