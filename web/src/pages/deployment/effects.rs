//! The effects: the list of everything the deployment did.

use super::log::LogControl;
use crate::components::{Glyph, Icon};
use crate::live::Follow;
use crate::model::effects::{Answer, EffectRow, answer_summary, summary};
use crate::model::time::duration;
use crate::model::window::Scope;
use leptos::prelude::*;
use windlass_api_types::{AnswerOrigin, EffectAnswer, RunMode};

/// Rows shown at first, and further ones at a time: each is an element with its own documents.
const SHOWN: usize = 300;

#[component]
pub(crate) fn EffectsView(follow: Follow, control: LogControl) -> impl IntoView {
    let limit = RwSignal::new(SHOWN);
    let rows = Memo::new(move |_| {
        follow.effects.track();
        let scope = control.filter.with(|filter| filter.scope.clone());
        let limit = limit.get();
        let wanted = |row: &&EffectRow| match &scope {
            Scope::All => true,
            Scope::Stage(stage) => row.stage == *stage,
            Scope::Run(run) => row.run == *run,
        };
        follow
            .with(|record| {
                let count = record.effects.rows.iter().filter(wanted).count();
                (record.effects.rows.iter().filter(wanted).take(limit).cloned().collect::<Vec<_>>(), count)
            })
            .unwrap_or_default()
    });
    let key = |row: &EffectRow| (row.run, row.position, row.answer.is_some(), row.probes);
    view! {
        <div class="effects">
            <div class="effect effect-head" aria-hidden="true">
                <span></span><span>"Stage"</span><span class="end">"#"</span><span>"Function"</span><span>"What"</span><span>"Answer"</span><span>"Repeat"</span><span class="end">"Took"</span>
            </div>
            <For each=move || rows.get().0 key=key children=|row| view! { <EffectItem row=row/> }/>
            <Show when=move || rows.with(|(rows, _)| rows.is_empty())>
                <p class="nothing">"No effects. A stage's effects are listed here as it makes them: commands, files, health checks, state."</p>
            </Show>
            <Show when=move || rows.with(|(rows, count)| rows.len() < *count)>
                <div class="more"><button type="button" class="button" on:click=move |_| limit.update(|limit| *limit += SHOWN)>"Show more"</button></div>
            </Show>
        </div>
    }
}

#[component]
fn EffectItem(row: EffectRow) -> impl IntoView {
    let open = RwSignal::new(false);
    let stage = match &row.target {
        Some(target) => format!("{} {target}", row.stage),
        None => row.stage.clone(),
    };
    let undo = (row.mode == RunMode::Undo).then(|| view! { <span class="chip">"undo"</span> });
    let attempt = (row.attempt > 1).then(|| view! { <span class="chip">"attempt "{row.attempt}</span> });
    let answer = row.answer.as_ref().map(|answer| view! { <AnswerCell answer=answer.clone()/> }.into_any());
    let probes = (row.probes > 1).then(|| format!("{} attempts", row.probes));
    let waiting = view! { <span class="muted">{probes.clone().unwrap_or_else(|| "under way".into())}</span> };
    let took = row.answer.as_ref().map(|answer| duration(i64::try_from(answer.took).unwrap_or(i64::MAX)));
    let (arguments, line) = (row.arguments.clone(), summary(&row.arguments));
    view! {
        <details class="effect-item" on:toggle=move |_| open.set(true)>
            <summary class="effect" data-row="">
                <Icon glyph=Glyph::Chevron/>
                <span class="effect-stage" title=stage.clone()>{stage.clone()}{undo}{attempt}</span>
                <span class="end num muted">{row.position}</span>
                <span class="mono effect-function">{row.function}</span>
                <span class="mono effect-what" title=line.clone()>{line.clone()}</span>
                <span class="effect-answer">{answer.unwrap_or_else(|| waiting.into_any())}</span>
                <span class="muted">{row.policy.as_str()}</span>
                <span class="end num">{took}</span>
            </summary>
            <Show when=move || open.get()>
                <Documents arguments=arguments.clone() answer=row.answer.clone() probes=probes.clone()/>
            </Show>
        </details>
    }
}

#[component]
fn AnswerCell(answer: Answer) -> impl IntoView {
    let failed = matches!(answer.value, EffectAnswer::Err(_));
    let text = answer_summary(&answer.value);
    let origin = (answer.origin != AnswerOrigin::Performed).then(|| answer.origin.as_str());
    view! {
        <span class="mono" class:bad=failed title=text.clone()>{text.clone()}</span>
        {origin.map(|origin| view! { <span class="chip">{origin}</span> })}
    }
}

#[component]
fn Documents(arguments: serde_json::Value, answer: Option<Answer>, probes: Option<String>) -> impl IntoView {
    let pretty = |value: &serde_json::Value| serde_json::to_string_pretty(value).unwrap_or_default();
    let answer = answer.map(|answer| match answer.value {
        EffectAnswer::Ok(value) => pretty(&value),
        EffectAnswer::Err(failure) => serde_json::to_string_pretty(&failure).unwrap_or_default(),
    });
    view! {
        <div class="documents">
            <section><h3>"Arguments"</h3><pre class="json">{pretty(&arguments)}</pre></section>
            <section><h3>"Answer"{probes.map(|probes| format!(" after {probes}"))}</h3><pre class="json">{answer.unwrap_or_else(|| "none yet".into())}</pre></section>
        </div>
    }
}
