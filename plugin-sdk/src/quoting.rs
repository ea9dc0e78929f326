//! Notations that a value is written in so that it is read as it is.

use serde::{Deserialize, Serialize};

/// A notation, for the inside of its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quoting {
    /// Within the double quotes of a `.env` file, as Docker Compose reads it.
    Dotenv,
    /// Within a JSON string.
    Json,
    /// In a URL: all but letters, digits and `-_.~` as `%XX`.
    Url,
    /// Within the single quotes of a shell.
    Shell,
}

impl Quoting {
    /// The text in this notation. What the host does with the values of secrets is the same.
    pub fn apply(self, text: &str) -> String {
        match self {
            Self::Dotenv => escaped(text, |c| match c {
                '\\' | '"' | '$' => Some(format!("\\{c}")),
                '\n' => Some("\\n".to_owned()),
                '\r' => Some("\\r".to_owned()),
                _ => None,
            }),
            Self::Json => {
                let json = serde_json::Value::from(text).to_string();
                json[1..json.len() - 1].to_owned()
            }
            Self::Url => {
                let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
                escaped(text, |c| (!plain(c)).then(|| percent(c)))
            }
            Self::Shell => text.replace('\'', "'\\''"),
        }
    }
}

fn escaped(text: &str, escape: impl Fn(char) -> Option<String>) -> String {
    text.chars().map(|c| escape(c).unwrap_or_else(|| c.to_string())).collect()
}

fn percent(c: char) -> String {
    c.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()
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
