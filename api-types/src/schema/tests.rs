use super::*;
use serde_json::json;

fn schema() -> Value {
    json!({
        "$defs": {
            "Text": { "anyOf": [{ "type": "string" }, { "properties": { "secret": { "type": "string" } } }] },
            "Mode": { "description": "How.", "oneOf": [
                { "const": "fast", "description": "At once" }, { "const": "slow", "description": "Later." }] },
            "Port": { "type": "object", "required": ["inside"], "properties": {
                "inside": { "type": "integer", "maximum": 65535 },
                "host": { "anyOf": [{ "type": "integer" }, { "type": "null" }], "description": "On the target" } } }
        },
        "type": "object", "required": ["url"],
        "properties": {
            "url": { "$ref": "#/$defs/Text", "description": "Where to", "grant": "http" },
            "mode": { "$ref": "#/$defs/Mode", "default": "fast" },
            "ports": { "type": "array", "items": { "$ref": "#/$defs/Port" }, "default": [] },
            "env": { "type": "object", "additionalProperties": { "$ref": "#/$defs/Text" } },
            "tries": { "type": ["integer", "null"], "minimum": 1, "maximum": 9, "default": null, "description": "a|b" }
        }
    })
}

#[test]
fn every_key_at_every_depth_is_listed() {
    let listed: Vec<(String, String)> = keys(&schema()).into_iter().map(|key| (key.path, key.kind)).collect();
    let listed: Vec<(&str, &str)> = listed.iter().map(|(path, kind)| (path.as_str(), kind.as_str())).collect();
    let expected = [
        ("url", "text or secret"),
        ("env", "table of text or secret"),
        ("mode", "`\"fast\"`, `\"slow\"`"),
        ("ports", "list of tables"),
        ("ports[].inside", "number"),
        ("ports[].host", "number"),
        ("tries", "number"),
    ];
    assert_eq!(listed, expected);
}

#[test]
fn a_key_says_what_it_means() {
    let keys = keys(&schema());
    let key = |path: &str| keys.iter().find(|key| key.path == path).unwrap();
    assert!(key("url").required);
    assert_eq!(key("mode").default, Some(json!("fast")));
    assert_eq!(key("mode").meaning, "How. `\"fast\"`: At once. `\"slow\"`: Later.");
    assert_eq!((key("tries").meaning.as_str(), &key("tries").default), ("a|b. 1 to 9.", &None));
}

#[test]
fn what_may_be_granted_is_found() {
    let grants = |schema: &Value| -> Vec<(String, String)> {
        keys(schema).into_iter().filter_map(|key| Some((key.path, key.grant?))).collect()
    };
    assert_eq!(grants(&schema()), [("url".to_owned(), "http".to_owned())]);
    let conditional = json!({
        "properties": { "host": { "type": "string" }, "from": { "enum": ["target", "server"] } },
        "if": { "properties": { "from": { "const": "server" } } },
        "then": { "properties": { "host": { "grant": "http" } } }
    });
    assert_eq!(grants(&conditional), [("host".to_owned(), "http".to_owned())]);
}

#[test]
fn a_sample_is_what_the_schema_allows() {
    let root = json!({ "$defs": { "Mode": { "oneOf": [{ "const": "fast" }] },
        "Directory": { "$ref": "#/$defs/Path", "examples": ["/srv/shop"] }, "Path": { "type": "string" } } });
    let samples = [
        (json!({ "type": "string", "examples": ["shop"] }), json!("shop")),
        (json!({ "$ref": "#/$defs/Mode" }), json!("fast")),
        (json!({ "$ref": "#/$defs/Directory" }), json!("/srv/shop")),
        (json!({ "type": "array", "items": { "type": "integer", "minimum": 3 } }), json!([3])),
        (
            json!({ "type": "object", "required": ["a"], "properties": { "a": { "type": "boolean" } } }),
            json!({ "a": true }),
        ),
    ];
    for (schema, expected) in samples {
        assert_eq!(sample(&root, &schema), expected);
    }
}

#[test]
fn values_are_written_as_toml() {
    let value = json!({ "a.b": ["x", 1], "c": {} });
    assert_eq!(in_toml(&value), "{ \"a.b\" = [\"x\", 1], c = {} }");
}
