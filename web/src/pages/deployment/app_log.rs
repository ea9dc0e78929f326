//! The app's own log: what the deployment's containers and processes write, read live from their targets.

use super::log::piece;
use crate::api::{self, Remote};
use crate::components::loaded;
use crate::live::sse::{self, Sse};
use crate::model::{ansi, pieces::pieces};
use leptos::prelude::*;
use std::collections::VecDeque;
use windlass_api_types::app_log::AppLogLine;

/// Lines of each log to begin with.
const TAIL: u32 = 500;
/// Lines that are kept: each is an element. Older ones are a matter of `windlass app logs --tail`.
const KEPT: usize = 2000;

/// How the stream is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// Lines come as they are written.
    Open,
    /// All apps have ended.
    Ended,
    Lost,
}

#[component]
pub(crate) fn AppLogView(label: String) -> impl IntoView {
    let path = format!("/deployments/{}/app-logs", api::segment(&label));
    // Whether there is anything to follow: a stream cannot say why it is refused.
    let asked = format!("{path}?tail=0");
    let reachable = Remote::new(move || {
        let asked = asked.clone();
        async move { api::get::<Vec<AppLogLine>>(&asked).await }
    });
    loaded(reachable, "The app's log could not be read", 12, move || view! { <Lines path=path.clone()/> })
}

/// What is on the page.
#[derive(Clone, Copy)]
struct Shown {
    /// With their numbers since the page was opened.
    lines: RwSignal<VecDeque<(u64, AppLogLine)>>,
    flow: RwSignal<Flow>,
    source: StoredValue<Option<Sse>, LocalStorage>,
}

impl Shown {
    fn begin(self) {
        self.lines.try_update(VecDeque::clear);
        self.flow.try_set(Flow::Open);
    }

    fn add(self, new: Vec<AppLogLine>) {
        self.lines.try_update(|lines| {
            let next = lines.back().map_or(0, |(number, _)| number + 1);
            lines.extend((next..).zip(new));
            let surplus = lines.len().saturating_sub(KEPT);
            lines.drain(..surplus);
        });
    }

    /// Without this the browser would connect again.
    fn end(self) {
        self.source.try_with_value(|source| source.as_ref().map(Sse::close));
        self.flow.try_set(Flow::Ended);
    }
}

#[component]
fn Lines(path: String) -> impl IntoView {
    let lines = RwSignal::new(VecDeque::new());
    let shown = Shown { lines, flow: RwSignal::new(Flow::Open), source: StoredValue::new_local(None) };
    let open = move || shown.source.set_value(follow(&path, shown));
    open();
    let frame = NodeRef::<leptos::html::Div>::new();
    // At the end it stays at the end; who has scrolled up reads on.
    let at_end = RwSignal::new(true);
    Effect::new(move |_| {
        lines.track();
        if let (true, Some(frame)) = (at_end.get_untracked(), frame.get_untracked()) {
            request_animation_frame(move || frame.set_scroll_top(frame.scroll_height()));
        }
    });
    let scrolled = move |_| {
        if let Some(frame) = frame.get_untracked() {
            at_end.set(frame.scroll_top() + frame.client_height() >= frame.scroll_height() - 20);
        }
    };
    let key = |(number, _): &(u64, AppLogLine)| *number;
    let flow = shown.flow;
    let words = move || match flow.get() {
        Flow::Open => "",
        Flow::Ended => "That was all: what wrote here has ended.",
        Flow::Lost => "The connection is lost, and tried again.",
    };
    view! {
        <div class="log-frame">
            <div class="log app-log" tabindex="0" aria-label="The app's log" node_ref=frame on:scroll=scrolled>
                <For each=move || lines.get() key=key children=|(_, line)| view! { <Line line=line/> }/>
            </div>
            <Show when=move || lines.with(VecDeque::is_empty) && flow.get() == Flow::Open>
                <p class="nothing">"The app has written nothing yet."</p>
            </Show>
        </div>
        <div class="app-log-end" role="status" hidden=move || flow.get() == Flow::Open>
            <span>{words}</span>
            <button type="button" class="button" on:click=move |_| open()>"Read again"</button>
        </div>
    }
}

/// Opens the stream. What comes at once is shown at once, not line by line; a connection that comes back begins
/// with the last lines again.
fn follow(path: &str, shown: Shown) -> Option<Sse> {
    let waiting = StoredValue::new_local(Vec::<AppLogLine>::new());
    let show = move || {
        if let Some(new) = waiting.try_update_value(std::mem::take).filter(|new| !new.is_empty()) {
            shown.add(new);
        }
    };
    let report = move |signal: sse::Signal| match signal {
        sse::Signal::Opened => shown.begin(),
        sse::Signal::Message("line", data) => {
            let Ok(line) = serde_json::from_str::<AppLogLine>(&data) else { return };
            if waiting.try_update_value(|waiting| waiting.push(line)).is_some() {
                request_animation_frame(show);
            }
        }
        sse::Signal::Message(..) => shown.end(),
        sse::Signal::Failed => drop(shown.flow.try_set(Flow::Lost)),
    };
    let url = api::stream_path(&format!("{path}?tail={TAIL}"));
    Sse::open(&url, &["line", "end"], report).inspect_err(|_| shown.flow.set(Flow::Lost)).ok()
}

#[component]
fn Line(line: AppLogLine) -> impl IntoView {
    let time = line.at.as_deref().and_then(|at| at.get(11..23)).unwrap_or_default().to_owned();
    let place = format!("{} {}", line.target, line.source);
    let shown = format!("{} {}", line.target, line.source.rsplit('/').next().unwrap_or_default());
    let (text, spans) = ansi::parse(line.failure.as_ref().map_or(&line.text, |failure| &failure.message));
    let hint = line.failure.as_ref().and_then(|failure| failure.hint.clone());
    let level = line.failure.is_some().then_some("error");
    view! {
        <div class="ln" data-level=level>
            <span class="ts">{time}</span>
            <span class="who" title=place>{shown}</span>
            <span class="tx">
                {pieces(&text, &spans, &[]).into_iter().map(piece).collect_view()}
                {hint.map(|hint| format!(" — {hint}"))}
            </span>
        </div>
    }
}
