//! States: a color, a shape and a word, never a color alone.

use leptos::prelude::*;
use windlass_api_types::{DeploymentStatus, StageStatus};

/// The color and shape of a state, as the style sheet names them.
pub(crate) fn tone(status: DeploymentStatus) -> &'static str {
    match status {
        DeploymentStatus::Queued => "idle",
        DeploymentStatus::Running => "run",
        DeploymentStatus::Waiting => "wait",
        DeploymentStatus::Succeeded => "ok",
        DeploymentStatus::Failed => "bad",
        DeploymentStatus::Canceled => "off",
        DeploymentStatus::Interrupted => "warn",
    }
}

/// The state of a deployment.
#[component]
pub(crate) fn StatusBadge(#[prop(into)] status: Signal<DeploymentStatus>) -> impl IntoView {
    view! {
        <span class="badge" data-tone=move || tone(status.get())>
            {move || shape(stage_like(status.get()))}
            {move || status.get().as_str()}
        </span>
    }
}

/// The state of a stage: its shape, and its word for those who do not see it.
#[component]
pub(crate) fn StageIcon(#[prop(into)] status: Signal<StageStatus>) -> impl IntoView {
    view! {
        <span class="state" data-tone=move || stage_tone(status.get()) title=move || word(status.get())>
            {move || shape(status.get())}
            <span class="hidden">{move || word(status.get())}</span>
        </span>
    }
}

/// The color of a stage's state.
pub(crate) fn stage_tone(status: StageStatus) -> &'static str {
    match status {
        StageStatus::Pending | StageStatus::Queued => "idle",
        StageStatus::Running => "run",
        StageStatus::Waiting => "wait",
        StageStatus::Succeeded => "ok",
        StageStatus::Failed | StageStatus::TimedOut => "bad",
        StageStatus::Canceled | StageStatus::Skipped => "off",
        StageStatus::Interrupted | StageStatus::Warned => "warn",
    }
}

fn word(status: StageStatus) -> &'static str {
    match status {
        StageStatus::TimedOut => "timed out",
        other => other.as_str(),
    }
}

fn stage_like(status: DeploymentStatus) -> StageStatus {
    match status {
        DeploymentStatus::Queued => StageStatus::Queued,
        DeploymentStatus::Running => StageStatus::Running,
        DeploymentStatus::Waiting => StageStatus::Waiting,
        DeploymentStatus::Succeeded => StageStatus::Succeeded,
        DeploymentStatus::Failed => StageStatus::Failed,
        DeploymentStatus::Canceled => StageStatus::Canceled,
        DeploymentStatus::Interrupted => StageStatus::Interrupted,
    }
}

/// The outline and the mark in it.
fn shape(status: StageStatus) -> impl IntoView {
    const CIRCLE: &str = "M8 14.25a6.25 6.25 0 1 0 0-12.5 6.25 6.25 0 0 0 0 12.5Z";
    const OCTAGON: &str = "M5.4 1.75h5.2l3.65 3.65v5.2l-3.65 3.65H5.4L1.75 10.6V5.4L5.4 1.75Z";
    const TRIANGLE: &str = "M8 1.9 14.6 13.6H1.4L8 1.9Z";
    let (outline, mark, look) = match status {
        StageStatus::Pending => (CIRCLE, "", "dashed"),
        StageStatus::Queued => (CIRCLE, "M5 8h.1M8 8h.1M11 8h.1", "line"),
        StageStatus::Running => (CIRCLE, "", "pulse"),
        StageStatus::Waiting => (CIRCLE, "M6.5 5.8v4.4M9.5 5.8v4.4", "line"),
        StageStatus::Succeeded => (CIRCLE, "m5.3 8.2 1.9 1.9 3.6-4", "fill"),
        StageStatus::Failed => (OCTAGON, "m5.9 5.9 4.2 4.2m0-4.2-4.2 4.2", "fill"),
        StageStatus::TimedOut => (OCTAGON, "M8 4.8V8.3l2 1.5", "fill"),
        StageStatus::Canceled => (CIRCLE, "m4 12 8-8", "line"),
        StageStatus::Skipped => (CIRCLE, "M5 8h6", "line"),
        StageStatus::Interrupted => (TRIANGLE, "m8.8 5.8-1.6 2.4h1.7l-1.5 2.6", "fill"),
        StageStatus::Warned => (TRIANGLE, "M8 6.3v3m0 1.7v.1", "fill"),
    };
    view! {
        <svg class="shape" viewBox="0 0 16 16" data-look=look aria-hidden="true">
            <path class="outline" d=outline/>
            {(look == "pulse").then(|| view! { <circle class="core" cx="8" cy="8" r="3"/> })}
            <path class="mark" d=mark/>
        </svg>
    }
}
