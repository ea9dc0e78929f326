//! What went wrong, on top of everything else.

use super::log::LogControl;
use crate::components::{Command, Glyph, Icon};
use crate::live::Follow;
use crate::model::failure::{Explanation, Quote, explain, quote};
use leptos::prelude::*;
use windlass_api_types::DeploymentStatus;
use windlass_api_types::deployment::DeploymentSummary;

#[component]
pub(crate) fn FailurePanel(
    summary: DeploymentSummary,
    follow: Follow,
    control: LogControl,
    show_log: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let explanation = Memo::new(move |_| {
        follow.state.with(|state| explain(state, &summary.label, &summary.project, &summary.environment))
    });
    let status = Memo::new(move |_| follow.state.with(|state| state.status));
    let tone = move || match status.get() {
        Some(DeploymentStatus::Failed) => "bad",
        Some(DeploymentStatus::Interrupted) => "warn",
        _ => "off",
    };
    let quoted = Memo::new(move |_| {
        let run = explanation.with(|explanation| explanation.as_ref().and_then(|explanation| explanation.run))?;
        follow.lines.track();
        follow.with(|record| quote(&record.log, run)).flatten()
    });
    move || {
        explanation.get().map(|explanation| {
            let jump = move |line: usize| {
                show_log();
                control.jump(line);
            };
            view! {
                <section class="failure" data-tone=tone role="alert">
                    <div class="failure-what">
                        <h2><Icon glyph=Glyph::Error/>{explanation.title.clone()}</h2>
                        <What explanation=explanation.clone()/>
                        {move || quoted.get().map(|quote| view! { <Quoted quote=quote jump=jump/> })}
                    </div>
                    <div class="failure-next">
                        <Standing standing=explanation.standing.clone()/>
                        {(!explanation.next.is_empty()).then(|| view! {
                            <h3>"Next"</h3>
                            {explanation.next.iter().cloned().map(|command| view! { <Command text=command/> }).collect_view()}
                        })}
                    </div>
                </section>
            }
        })
    }
}

#[component]
fn What(explanation: Explanation) -> impl IntoView {
    // The first line says what failed; what follows is quoted, such as the end of an app's log.
    let (first, rest) =
        match explanation.message.as_deref().map(|message| message.split_once('\n').unwrap_or((message, ""))) {
            Some((first, rest)) => (Some(first.to_owned()), Some(rest.to_owned()).filter(|rest| !rest.is_empty())),
            None => (None, None),
        };
    view! {
        {first.map(|first| view! { <p>{first}</p> })}
        {rest.map(|rest| view! { <pre class="failure-rest" tabindex="0">{rest}</pre> })}
        {explanation.hint.map(|hint| view! { <p class="hint">{hint}</p> })}
        {explanation.blame.map(|blame| view! { <p class="muted">{blame}"."</p> })}
    }
}

#[component]
fn Standing(standing: Vec<String>) -> impl IntoView {
    (!standing.is_empty()).then(|| {
        view! {
            <h3>"Where things stand"</h3>
            <ul>{standing.into_iter().map(|sentence| view! { <li>{sentence}</li> }).collect_view()}</ul>
        }
    })
}

#[component]
fn Quoted(quote: Quote, jump: impl Fn(usize) + 'static) -> impl IntoView {
    let line = quote.line;
    view! {
        <figure class="quote">
            <pre>{quote.text}</pre>
            <button type="button" class="link" aria-keyshortcuts="." title="Show the failure in the log" on:click=move |_| jump(line)>
                "Line "{line + 1}<Icon glyph=Glyph::Arrow/>
            </button>
        </figure>
    }
}
