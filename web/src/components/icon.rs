//! Icons, drawn on a grid of 16 with round ends.

use leptos::prelude::*;

/// An icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Glyph {
    Arrow,
    Back,
    Branch,
    Chevron,
    Clock,
    Close,
    Commit,
    Copy,
    Done,
    Download,
    Down,
    Error,
    Help,
    Key,
    Light,
    Dark,
    System,
    Line,
    Plugin,
    Project,
    Deployment,
    Search,
    Target,
    Up,
    User,
    Wrap,
}

impl Glyph {
    fn path(self) -> &'static str {
        match self {
            Self::Arrow => "M3 8h9.5M9 4.5 12.5 8 9 11.5",
            Self::Back => "M10 3.5 5.5 8l4.5 4.5",
            Self::Branch => {
                "M5 5.5v5M5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm0 8a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm6-8a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm0 0c0 2.5-2 3-4 3.5"
            }
            Self::Chevron => "M6 4.5 9.5 8 6 11.5",
            Self::Clock => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.6",
            Self::Close => "m4.5 4.5 7 7m0-7-7 7",
            Self::Commit => "M8 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM1.5 8h4m5 0h4",
            Self::Copy => {
                "M6 5.5h6.5a1 1 0 0 1 1 1V13a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V6.5a1 1 0 0 1 1-1ZM3 10.5A.5.5 0 0 1 2.5 10V3.5a1 1 0 0 1 1-1H10a.5.5 0 0 1 .5.5"
            }
            Self::Done => "m3.5 8.5 3 3 6-7",
            Self::Download => "M8 2.5v7.5m-3-3 3 3 3-3M3 13.5h10",
            Self::Down => "M4.5 6.5 8 10l3.5-3.5",
            Self::Error => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 5v3.5m0 2.3v.1",
            Self::Help => {
                "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.3 6.3a1.75 1.75 0 1 1 2.6 1.6c-.6.3-.9.6-.9 1.2m0 2v.1"
            }
            Self::Key => "M10 9.5A3.25 3.25 0 1 0 7 7.5l-4.5 4.5v2h2v-1.5h1.5V11h1.3L9 9.3m2-3.3h.1",
            Self::Light => {
                "M8 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM8 1.8v1.4m0 9.6v1.4M1.8 8h1.4m9.6 0h1.4M3.6 3.6l1 1m6.8 6.8 1 1m0-8.8-1 1m-6.8 6.8-1 1"
            }
            Self::Dark => "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8Z",
            Self::System => "M3 3h10a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1Zm3 10.5h4M8 11v2.5",
            Self::Line => {
                "M6.5 9.5 9.5 6.5M7 4.5l1-1a2.5 2.5 0 0 1 3.6 0l.9.9a2.5 2.5 0 0 1 0 3.6l-1 1M9 11.5l-1 1a2.5 2.5 0 0 1-3.6 0l-.9-.9a2.5 2.5 0 0 1 0-3.6l1-1"
            }
            Self::Plugin => "M8 2 13.2 5v6L8 14l-5.2-3V5L8 2Zm0 6 5-2.9M8 8v5.8M8 8 3 5.1",
            Self::Project => {
                "M2.5 4.5a1 1 0 0 1 1-1h3l1.5 1.5h4.5a1 1 0 0 1 1 1v5.5a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-7Z"
            }
            Self::Deployment => "M8 13.5v-11m0 0L4.5 6M8 2.5 11.5 6M3 13.5h10",
            Self::Search => "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Zm3.3-1.2 3.2 3.2",
            Self::Target => {
                "M3 3h10a1 1 0 0 1 1 1v2.5a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1Zm0 5.5h10a1 1 0 0 1 1 1V12a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V9.5a1 1 0 0 1 1-1Zm1.7-3.25h.1m-.1 5.5h.1"
            }
            Self::Up => "M4.5 9.5 8 6l3.5 3.5",
            Self::User => "M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8Zm-5 5.5c.5-2.3 2.5-3.5 5-3.5s4.5 1.2 5 3.5",
            Self::Wrap => "M2.5 4h11m-11 4h9a2 2 0 0 1 0 4H8m1.5-1.5L8 12l1.5 1.5M2.5 12h2.5",
        }
    }
}

/// Draws an icon; what it means is said in words beside it.
#[component]
pub(crate) fn Icon(glyph: Glyph) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
            <path d=glyph.path()/>
        </svg>
    }
}
