//! The plugin registry: what serves, and what was refused and why.

use crate::api::{self, Remote};
use crate::components::{Ago, CopyButton, Empty, Glyph, Icon, loaded, set_title};
use crate::live::Live;
use leptos::prelude::*;
use windlass_api_types::plugin::{Plugin, Plugins, RefusedPlugin};

#[component]
pub(crate) fn PluginsPage() -> impl IntoView {
    set_title(|| "Plugins".into());
    let plugins = Remote::new(|| api::get::<Plugins>("/plugins"));
    if let Some(live) = use_context::<Live>() {
        Effect::new(move |before: Option<u32>| {
            let count = live.plugins.get();
            if before.is_some_and(|before| before != count) {
                plugins.reload();
            }
            count
        });
    }
    let serving = move || plugins.data.get().map(|plugins| plugins.plugins).unwrap_or_default();
    let refused = move || plugins.data.get().map(|plugins| plugins.refused).unwrap_or_default();
    view! {
        <div class="page">
            <header class="page-head">
                <h1>"Plugins"</h1>
                <p class="muted">"Stages run as sandboxed components. A file copied into the plugin directory is live at once."</p>
            </header>
            {loaded(plugins, "The plugins could not be loaded", 6, move || {
                view! {
                    <For each=refused key=|refused| (refused.file.clone(), refused.at)
                        children=|refused| view! { <Refused refused=refused/> }/>
                    <Show when=move || !serving().is_empty() fallback=NoPlugins>
                        <ul class="list">
                            <For each=serving key=|plugin| plugin.digest.clone()
                                children=|plugin| view! { <PluginRow plugin=plugin/> }/>
                        </ul>
                    </Show>
                }
            })}
        </div>
    }
}

#[component]
fn PluginRow(plugin: Plugin) -> impl IntoView {
    let digest = plugin.digest.trim_start_matches("sha256:").chars().take(12).collect::<String>();
    let full = plugin.digest.clone();
    let config = serde_json::to_string_pretty(&plugin.config).unwrap_or_default();
    view! {
        <li><details class="plugin">
            <summary data-row="">
                <Icon glyph=Glyph::Chevron/>
                <span class="plugin-name"><strong>{plugin.name}</strong><span class="mono muted">{plugin.version}</span></span>
                <span class="grow">{plugin.summary}</span>
                <span class="chip">{plugin.source}</span>
            </summary>
            <div class="plugin-body">
                <dl class="facts">
                    <div><dt>"Digest"</dt><dd class="mono" title=full>{digest}<CopyButton text=plugin.digest what="digest"/></dd></div>
                    <div><dt>"Loaded"</dt><dd><Ago at=plugin.loaded_at/></dd></div>
                    <div><dt>"Undoes"</dt><dd>{if plugin.undo { "yes" } else { "no" }}</dd></div>
                    <div class="wide"><dt>"May call"</dt><dd class="chips">{plugin.imports.into_iter().map(|import| view! { <span class="chip mono">{import}</span> }).collect_view()}</dd></div>
                </dl>
                <h3>"Configuration"</h3>
                <pre class="json">{config}</pre>
            </div>
        </details></li>
    }
}

#[component]
fn Refused(refused: RefusedPlugin) -> impl IntoView {
    view! {
        <div class="notice" data-tone="bad" role="alert">
            <strong>{refused.file}" was refused: "{refused.failure.message}</strong>
            {refused.failure.hint.map(|hint| view! { <span>{hint}</span> })}
            <span class="muted">
                {refused.serving.map(|serving| format!("{serving} serves in its place. "))}
                <Ago at=refused.at/>
            </span>
        </div>
    }
}

#[component]
fn NoPlugins() -> impl IntoView {
    view! {
        <Empty glyph=Glyph::Plugin title="No plugins">
            <p class="muted">"This build carries none. Build with `cargo xtask build`, or copy a component into the plugin directory."</p>
        </Empty>
    }
}
