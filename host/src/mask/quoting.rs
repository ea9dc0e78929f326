//! Notations that a value is written in so that it is read as it is.

use super::forms;
use serde::{Deserialize, Serialize};

/// A notation; see `windlass:types`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quoting {
    /// Within the double quotes of a `.env` file, as Docker Compose reads it.
    Dotenv,
    /// Within a JSON string.
    Json,
    /// In a URL.
    Url,
    /// Within the single quotes of a shell.
    Shell,
}

impl Quoting {
    /// The value in this notation.
    pub fn apply(self, value: &str) -> String {
        match self {
            Self::Dotenv => forms::dotenv(value),
            Self::Json => forms::json(value),
            Self::Url => forms::url(value),
            Self::Shell => forms::shell(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_notation_escapes_what_it_must() {
        let value = "a$b\"c\\d'e\nf g/é\r";
        assert_eq!(Quoting::Dotenv.apply(value), r#"a\$b\"c\\d'e\nf g/é\r"#);
        assert_eq!(Quoting::Json.apply(value), r#"a$b\"c\\d'e\nf g/é\r"#);
        assert_eq!(Quoting::Url.apply(value), "a%24b%22c%5Cd%27e%0Af%20g%2F%C3%A9%0D");
        assert_eq!(Quoting::Shell.apply(value), "a$b\"c\\d'\\''e\nf g/é\r");
    }
}
