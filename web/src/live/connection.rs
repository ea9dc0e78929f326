//! Whether what the page shows is current.

use leptos::prelude::*;

/// The state of the page's event stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Connection {
    /// The page has no stream.
    #[default]
    Idle,
    Connecting,
    Live,
    Reconnecting,
    Offline,
    /// The stream has ended: nothing will change any more.
    Complete,
}

impl Connection {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Reconnecting => "reconnecting",
            Self::Offline => "offline",
            Self::Complete => "complete",
        }
    }

    pub(crate) fn explanation(self) -> &'static str {
        match self {
            Self::Idle => "",
            Self::Connecting => "Connecting to the server",
            Self::Live => "Changes show as they happen",
            Self::Reconnecting => "The connection was lost; it will go on where it stopped",
            Self::Offline => "The server does not answer; trying again",
            Self::Complete => "This deployment has ended and all of its record is here",
        }
    }
}

/// The connection of the page that is shown; provided by the application, set by its streams.
#[derive(Clone, Copy)]
pub(crate) struct CurrentConnection(pub RwSignal<Connection>);

/// The connection to report to.
pub(crate) fn current() -> RwSignal<Connection> {
    use_context::<CurrentConnection>().map_or_else(|| RwSignal::new(Connection::default()), |current| current.0)
}
