//! Dark, light, or as the system says.

use crate::browser;
use leptos::prelude::*;

/// Where the choice is kept; `boot.js` reads it before the first paint.
const KEY: &str = "windlass-theme";

/// A person's choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// The choice this browser remembers.
    pub(crate) fn remembered() -> Self {
        match browser::stored(KEY).as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The next choice in the circle.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// Shows and remembers it.
    pub(crate) fn apply(self) {
        let word = (self != Self::System).then(|| self.word());
        browser::store(KEY, word);
        let Some(root) = document().document_element() else { return };
        // Neither fails: the attribute's name is valid.
        let _ = match word {
            Some(word) => root.set_attribute("data-theme", word),
            None => root.remove_attribute("data-theme"),
        };
    }
}
