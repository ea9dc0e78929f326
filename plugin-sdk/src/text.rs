//! Text that may contain secrets, which only the host ever sees.

use crate::Quoting;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A piece of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Segment {
    /// The text itself.
    Text {
        /// As it is.
        text: String,
    },
    /// A secret of the environment; the host puts its value in.
    Secret {
        /// Its name.
        secret: String,
        /// The notations its value is written in, the innermost first.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        quoting: Vec<Quoting>,
    },
}

/// A text of which parts may be secrets: the value of an environment variable, what a command reads
/// on its standard input, the contents of a file.
///
/// In a stage's configuration it is a string, `{ secret = "NAME" }`, or a list of these; `{ secret = "NAME",
/// quoting = "url" }` within a URL, and `dotenv`, `json` and `shell` in the quotes of what they name.
///
/// ```
/// # use windlass_sdk::Text;
/// let url = Text::from("postgres://shop:").and(Text::secret("DB_PASSWORD")).and("@localhost/shop");
/// assert_eq!(url.to_string(), "postgres://shop:{{secret:DB_PASSWORD}}@localhost/shop");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(Vec<Segment>);

impl Text {
    /// A text that is a secret of the environment.
    pub fn secret(name: impl Into<String>) -> Self {
        Self(vec![Segment::Secret { secret: name.into(), quoting: Vec::new() }])
    }

    /// The text in a notation, for the inside of its quotes: what it has of secrets, the host writes so.
    ///
    /// ```
    /// # use windlass_sdk::{Quoting, Text};
    /// let line = Text::from("KEY=\"").and(Text::from("a$").and(Text::secret("S")).quoted(Quoting::Dotenv)).and("\"");
    /// assert_eq!(line.to_string(), "KEY=\"a\\${{secret:S}}\"");
    /// ```
    pub fn quoted(mut self, notation: Quoting) -> Self {
        for segment in &mut self.0 {
            match segment {
                Segment::Text { text } => *text = notation.apply(text),
                Segment::Secret { quoting, .. } => quoting.push(notation),
            }
        }
        self
    }

    /// This text, and then another.
    pub fn and(mut self, next: impl Into<Text>) -> Self {
        self.0.extend(next.into().0);
        self
    }

    /// Its pieces, in order.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Self::from(text.clone())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(vec![Segment::Text { text }])
    }
}

/// Secrets appear by name.
impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|segment| match segment {
            Segment::Text { text } => f.write_str(text),
            Segment::Secret { secret, .. } => write!(f, "{{{{secret:{secret}}}}}"),
        })
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Piece {
    Text(String),
    Number(serde_json::Number),
    Flag(bool),
    Secret(SecretRef),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretRef {
    secret: String,
    /// What the value is written in, such as `url` within a URL.
    quoting: Option<Quoting>,
}

impl From<Piece> for Segment {
    fn from(piece: Piece) -> Self {
        match piece {
            Piece::Text(text) => Self::Text { text },
            Piece::Number(number) => Self::Text { text: number.to_string() },
            Piece::Flag(flag) => Self::Text { text: flag.to_string() },
            Piece::Secret(SecretRef { secret, quoting }) => {
                Self::Secret { secret, quoting: quoting.into_iter().collect() }
            }
        }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let pieces = match value {
            serde_json::Value::Array(pieces) => pieces,
            piece => vec![piece],
        };
        pieces
            .into_iter()
            .map(|piece| serde_json::from_value::<Piece>(piece).map(Segment::from))
            .collect::<Result<_, _>>()
            .map(Self)
            .map_err(|_| de::Error::custom("expected a string, { secret = \"NAME\" }, or a list of these"))
    }
}

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let piece = serde_json::json!([
            { "type": ["string", "number", "boolean"] },
            { "type": "object",
              "properties": { "secret": { "type": "string" }, "quoting": { "enum": ["dotenv", "json", "url", "shell"] } },
              "required": ["secret"], "additionalProperties": false }
        ]);
        json_schema!({
            "description": "A string, { secret = \"NAME\" }, or a list of these",
            "anyOf": [piece[0], piece[1], { "type": "array", "items": { "anyOf": piece } }]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: serde_json::Value) -> Result<String, String> {
        serde_json::from_value::<Text>(json).map(|text| text.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_text_is_a_string_a_number_a_secret_or_a_list() {
        assert_eq!(parse(serde_json::json!("plain")), Ok("plain".into()));
        assert_eq!(parse(serde_json::json!(8080)), Ok("8080".into()));
        assert_eq!(parse(serde_json::json!({ "secret": "KEY" })), Ok("{{secret:KEY}}".into()));
        let in_url = Text::secret("KEY").quoted(Quoting::Url);
        let read: Text = serde_json::from_value(serde_json::json!({ "secret": "KEY", "quoting": "url" })).unwrap();
        assert_eq!(read, in_url);
        assert_eq!(parse(serde_json::json!(["a", { "secret": "KEY" }, "b"])), Ok("a{{secret:KEY}}b".into()));
    }

    #[test]
    fn anything_else_is_refused() {
        let error = parse(serde_json::json!({ "secrets": "KEY" })).unwrap_err();
        assert_eq!(error, "expected a string, { secret = \"NAME\" }, or a list of these");
    }
}
