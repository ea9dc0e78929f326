use super::*;
use expect_test::{Expect, expect};
use serde_json::json;

/// As schemars writes a config with an optional table, an enum with described words and a flattened part.
fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": { "type": "string", "minLength": 1, "description": "What it is called.\nMore about it." },
            "count": { "type": ["integer", "null"], "minimum": 0, "default": 3 },
            "limits": { "anyOf": [{ "$ref": "#/$defs/Limits" }, { "type": "null" }] },
            "level": { "$ref": "#/$defs/Level" },
            "size": { "oneOf": [{ "type": "integer" }, { "type": "string", "pattern": "^[0-9]+%$" }] },
            "env": { "type": "object", "additionalProperties": { "type": "string" } },
            "steps": { "type": "array", "items": { "$ref": "#/$defs/Step" } },
        },
        "$defs": {
            "Limits": {
                "type": "object",
                "required": ["memory"],
                "properties": { "memory": { "type": "string" }, "cpu": { "type": "number", "default": 0.5 } },
            },
            "Level": { "oneOf": [{ "const": "debug", "description": "All" }, { "const": "info", "description": "Some" }] },
            "Step": { "type": "object", "properties": { "kind": { "enum": ["a", "b"], "default": "a" } } },
        },
    })
}

fn check(value: Value, expected: Expect) {
    let found = violations(&close(&schema()), &value).expect("a schema");
    let shown = found.iter().map(|violation| match &violation.hint {
        Some(hint) => format!("{} ({hint})\n", violation.message("with")),
        None => violation.message("with") + "\n",
    });
    expected.assert_eq(&shown.collect::<String>());
}

#[test]
fn what_fits_fits() {
    check(json!({ "name": "x" }), expect![""]);
    check(
        json!({
            "name": "x", "count": null, "limits": { "memory": "1g" }, "level": "info", "size": "5%",
            "env": { "ANY": "thing" }, "steps": [{ "kind": "b" }],
        }),
        expect![""],
    );
}

#[test]
fn unknown_keys_are_refused_at_every_depth() {
    check(
        json!({ "nmae": "x", "limits": { "memroy": "1g" }, "steps": [{}, { "knid": "a" }], "env": { "ANY": 5 } }),
        expect![[r#"
            `with.env.ANY` must be a text, not 5
            `with.limits.memroy` is not a known key (did you mean `memory`?)
            `with.limits.memory` is missing
            `with.steps.1.knid` is not a known key (did you mean `kind`?)
            `with.nmae` is not a known key (did you mean `name`?)
            `with.name` is missing (What it is called)
        "#]],
    );
}

#[test]
fn values_that_do_not_fit() {
    check(
        json!({ "name": "", "count": "three", "level": "inof", "size": "5", "limits": 7 }),
        expect![[r#"
        `with.count` must be a whole number, not "three"
        `with.level` must be one of "debug", "info", not "inof" (did you mean `info`?)
        `with.limits` must be a table, not 7
        `with.name` must not be empty (What it is called)
        `with.size` must match `^[0-9]+%$`, not "5"
    "#]],
    );
    check(
        json!({ "name": "x", "count": -1, "steps": [{ "kind": "c" }], "size": 1.5, "level": 3 }),
        expect![[r#"
        `with.count` must be at least 0, not -1
        `with.level` must be one of "debug", "info", not 3
        `with.size` is 1.5, which fits none of its forms
        `with.steps.0.kind` must be one of "a", "b", not "c"
    "#]],
    );
}

#[test]
fn parts_of_a_combination_keep_each_others_keys() {
    let schema = json!({
        "type": "object",
        "allOf": [{ "$ref": "#/$defs/A" }, { "$ref": "#/$defs/B" }],
        "$defs": { "A": { "properties": { "a": {} } }, "B": { "properties": { "b": { "type": "string" } } } },
    });
    assert_eq!(violations(&close(&schema), &json!({ "a": 1, "b": "x" })), Ok(vec![]));
    assert_eq!(known_keys(&schema, &[""; 0]), Some(vec!["a", "b"]));
}

#[test]
fn defaults_fill_every_depth() {
    let schema = json!({
        "properties": {
            "count": { "default": 3 },
            "health": { "properties": { "path": { "default": "/" }, "port": {} } },
            "bare": { "properties": { "port": {} } },
            "whole": { "default": { "a": 1 }, "properties": { "b": { "default": 2 } } },
            "steps": { "items": { "$ref": "#/$defs/Step" } },
        },
        "$defs": { "Step": { "properties": { "kind": { "default": "a" } } } },
    });
    assert_eq!(
        with_defaults(&schema, json!({ "health": { "port": 80 }, "steps": [{}, { "kind": "b" }], "other": null })),
        json!({
            "count": 3,
            "health": { "path": "/", "port": 80 },
            "whole": { "a": 1, "b": 2 },
            "steps": [{ "kind": "a" }, { "kind": "b" }],
            "other": null,
        })
    );
}

#[test]
fn a_schema_that_refers_to_itself_ends() {
    let schema = json!({ "properties": { "next": { "$ref": "#" }, "a": { "default": 1 } } });
    assert_eq!(with_defaults(&schema, json!({ "next": {} })), json!({ "a": 1, "next": { "a": 1 } }));
    assert!(property(&schema, &["next", "next", "a"]).is_some());
}

#[test]
fn what_is_no_schema_is_an_error() {
    assert!(violations(&json!({ "type": "strnig" }), &json!(1)).is_err());
}
