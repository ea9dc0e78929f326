//! Writing TOML: values in one line, keys quoted where they must be.

use serde_json::Value;

/// A value as it stands behind `=`. TOML has no null; inside a table its key is left out.
pub(crate) fn value(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(self::value).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) => {
            let entries = entries.iter().filter(|(_, value)| !value.is_null());
            let entries: Vec<String> = entries.map(|(key, value)| line(key, value)).collect();
            if entries.is_empty() { "{}".into() } else { format!("{{ {} }}", entries.join(", ")) }
        }
        Value::String(text) => toml::Value::String(text.clone()).to_string(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => integer.to_string(),
            (None, Some(float)) => toml::Value::Float(float).to_string(),
            (None, None) => number.to_string(),
        },
        plain => plain.to_string(),
    }
}

/// `key = value`.
pub(crate) fn line(key: &str, value: &Value) -> String {
    format!("{} = {}", self::key(key), self::value(value))
}

pub(crate) fn key(key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    // JSON's quoting is TOML's, but for one character.
    if bare { key.into() } else { Value::from(key).to_string().replace('\u{7f}', "\\u007f") }
}

/// A comment is broken at this many characters, so that it reads well in any editor.
const COMMENT_WIDTH: usize = 100;

/// A text as comment lines, empty for an empty text.
pub(crate) fn comment(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= COMMENT_WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("# {word}")),
        }
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

/// A line of TOML that is there to be uncommented.
pub(crate) fn disabled(line: &str) -> String {
    line.lines().map(|line| format!("# {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from),
            "(?s).{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("(?s).{0,6}", inner, 0..5)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    #[test]
    fn a_long_comment_is_broken() {
        let comment = comment(&"word ".repeat(40));
        assert!(comment.lines().all(|line| line.starts_with("# word") && line.len() <= COMMENT_WIDTH));
        assert_eq!(comment.matches("word").count(), 40);
    }

    #[test]
    fn values_stand_in_one_line() {
        assert_eq!(value(&json!({ "a b": [1, "x"], "c": { "d": true } })), r#"{ "a b" = [1, "x"], c = { d = true } }"#);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(value in any_json(), key in "(?s).{0,6}") {
            let node = super::super::node::parse("test", &line(&key, &value)).expect("valid TOML");
            prop_assert_eq!(node.to_json(), json!({ key: value }));
        }
    }
}
