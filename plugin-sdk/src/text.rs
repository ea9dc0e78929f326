//! Text that may contain secrets, which only the host ever sees.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A piece of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    /// The text itself.
    Text(String),
    /// The name of a secret of the environment; the host puts its value in.
    Secret(String),
}

/// A text of which parts may be secrets: the value of an environment variable, what a command reads
/// on its standard input, the contents of a file.
///
/// In a stage's configuration it is a string, `{ secret = "NAME" }`, or a list of these.
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
        Self(vec![Segment::Secret(name.into())])
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
        Self(vec![Segment::Text(text)])
    }
}

/// Secrets appear by name.
impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|segment| match segment {
            Segment::Text(text) => f.write_str(text),
            Segment::Secret(name) => write!(f, "{{{{secret:{name}}}}}"),
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
}

impl From<Piece> for Segment {
    fn from(piece: Piece) -> Self {
        match piece {
            Piece::Text(text) => Self::Text(text),
            Piece::Number(number) => Self::Text(number.to_string()),
            Piece::Flag(flag) => Self::Text(flag.to_string()),
            Piece::Secret(SecretRef { secret }) => Self::Secret(secret),
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
            { "type": "object", "properties": { "secret": { "type": "string" } },
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
        assert_eq!(parse(serde_json::json!(["a", { "secret": "KEY" }, "b"])), Ok("a{{secret:KEY}}b".into()));
    }

    #[test]
    fn anything_else_is_refused() {
        let error = parse(serde_json::json!({ "secrets": "KEY" })).unwrap_err();
        assert_eq!(error, "expected a string, { secret = \"NAME\" }, or a list of these");
    }
}
