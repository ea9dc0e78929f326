//! What a deployment asks the person who looks at it.

use crate::api::{self, ApiError};
use crate::browser::local_time;
use crate::components::{Glyph, Icon};
use crate::live::Follow;
use crate::model::questions::{Answer, Question, questions};
use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use windlass_api_types::deployment::{Deployment, DeploymentSummary};

#[component]
pub(crate) fn Questions(summary: DeploymentSummary, follow: Follow) -> impl IntoView {
    let asked = Memo::new(move |_| follow.state.with(|state| questions(state)));
    let path = StoredValue::new(format!("/deployments/{}", api::segment(&summary.label)));
    view! {
        <For each=move || asked.get() key=|question| question.key.clone()
            children=move |question| view! { <Asked question=question path=path/> }/>
    }
}

#[component]
fn Asked(question: Question, path: StoredValue<String>) -> impl IntoView {
    let error = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let answer = move |answer: &Answer| {
        let request = answer.request.clone();
        error.set(None);
        busy.set(true);
        spawn_local(async move {
            let path = format!("{}/{}", path.get_value(), request.path());
            let sent = api::send::<Deployment>(Method::POST, &path, &request).await;
            // Answered, the question goes by itself: the deployment's events say so.
            if let Err(problem) = sent {
                let _ = busy.try_set(false);
                drop(error.try_set(Some(problem)));
            }
        });
    };
    let Question { title, message, doing, expires, answers, .. } = question;
    view! {
        <section class="failure question" data-tone="warn" role="alert">
            <div class="failure-what">
                <h2><Icon glyph=Glyph::Error/>{title}</h2>
                <p>{message}{expires.map(|at| view! { <span class="muted">" It can be answered until "{local_time(at)}"."</span> })}</p>
                {(!doing.is_empty()).then(|| view! { <pre class="failure-rest" tabindex="0">{doing}</pre> })}
            </div>
            <div class="answers">
                {answers.into_iter().map(|one| {
                    let (text, means, danger) = (one.text, one.means, one.danger);
                    view! {
                        <button type="button" class="button answer" class:danger=danger disabled=move || busy.get()
                            on:click=move |_| answer(&one)>
                            {text}<small>{means}</small>
                        </button>
                    }
                }).collect_view()}
                {move || error.get().map(|error| view! {
                    <div class="notice" data-tone="bad" role="alert"><strong>{error.message()}</strong><span>{error.hint()}</span></div>
                })}
            </div>
        </section>
    }
}
