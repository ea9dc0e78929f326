//! The targets: where they are, which key they present, and whether they answer.

use crate::api::{self, ApiError, Remote};
use crate::components::{Ago, Command, CopyButton, Empty, Glyph, Icon, loaded, set_title};
use gloo_net::http::Method;
use leptos::{prelude::*, task::spawn_local};
use windlass_api_types::target::{Identity, Target, TargetCheck};

#[component]
pub(crate) fn TargetsPage() -> impl IntoView {
    set_title(|| "Targets".into());
    let targets = Remote::new(|| api::get::<Vec<Target>>("/targets"));
    let list = move || targets.data.get().unwrap_or_default();
    view! {
        <div class="page">
            <header class="page-head">
                <h1>"Targets"</h1>
                <p class="muted">"Machines reached over SSH. A target is added on the command line, where its key can be compared."</p>
            </header>
            {loaded(targets, "The targets could not be loaded", 4, move || {
                view! {
                    <Show when=move || !list().is_empty() fallback=NoTargets>
                        <ul class="list">
                            <For each=list key=|target| (target.id, target.fingerprint.clone())
                                children=|target| view! { <TargetRow target=target/> }/>
                        </ul>
                    </Show>
                }
            })}
        </div>
    }
}

/// What a check found.
#[derive(Clone)]
enum Check {
    None,
    Asking,
    Done(Result<TargetCheck, ApiError>),
}

#[component]
fn TargetRow(target: Target) -> impl IntoView {
    let check = RwSignal::new(Check::None);
    let name = target.name.clone();
    let label = target.name.clone();
    let fingerprint = target.fingerprint.clone();
    let ask = move |_| {
        check.set(Check::Asking);
        let path = format!("/targets/{}/check", api::segment(&name));
        spawn_local(async move {
            let answer = api::call::<TargetCheck>(Method::POST, &path).await;
            check.try_set(Check::Done(answer));
        });
    };
    let identity = match target.identity {
        Identity::Stored => "the server's key".to_owned(),
        Identity::File(path) => path,
        Identity::Agent => "SSH agent".to_owned(),
    };
    let port = if target.port == 22 { String::new() } else { format!(":{}", target.port) };
    view! {
        <li class="target" aria-label=label>
            <Icon glyph=Glyph::Target/>
            <span class="target-name">
                <strong>{target.name}</strong>
                <span class="mono muted">{target.user}"@"{target.host}{port}</span>
            </span>
            <span class="target-key">
                <span class="mono" title="Pinned host key">{fingerprint}</span>
                <CopyButton text=target.fingerprint what="fingerprint"/>
            </span>
            <span class="muted target-with">"opened with "{identity}", added "<Ago at=target.created_at/></span>
            <button type="button" class="button" data-row="" on:click=ask disabled=move || matches!(check.get(), Check::Asking)>
                {move || if matches!(check.get(), Check::Asking) { "Checking" } else { "Check" }}
            </button>
            <div class="target-check" role="status">{move || outcome(check.get())}</div>
        </li>
    }
}

fn outcome(check: Check) -> Option<AnyView> {
    let (message, hint) = match check {
        Check::None | Check::Asking => return None,
        Check::Done(Ok(TargetCheck { failure: None, took })) => {
            return Some(
                view! { <p class="good"><Icon glyph=Glyph::Done/>"It answers, in "{took}" ms."</p> }.into_any(),
            );
        }
        Check::Done(Ok(TargetCheck { failure: Some(failure), .. })) => (failure.message, failure.hint),
        Check::Done(Err(error)) => (error.message(), Some(error.hint())),
    };
    let notice = view! {
        <div class="notice" data-tone="bad"><strong>{message}</strong>{hint.map(|hint| view! { <span>{hint}</span> })}</div>
    };
    Some(notice.into_any())
}

#[component]
fn NoTargets() -> impl IntoView {
    view! {
        <Empty glyph=Glyph::Target title="No targets yet">
            <p class="muted">"Windlass needs SSH and nothing else on a target. Add one, and compare its fingerprint:"</p>
            <Command text="windlass target add web-1 deploy@10.0.0.11"/>
        </Empty>
    }
}
