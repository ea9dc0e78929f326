use super::super::tests::fixture::{own, pipeline};
use super::*;
use crate::capability::Granter;

/// A plugin's config as `schemars` writes it, with each way that an annotation can be reached by.
fn schema() -> Value {
    json!({
        "$defs": {
            "Mount": { "anyOf": [
                { "properties": { "bind": { "type": "string", "grant": "docker mount" } }, "required": ["bind"] },
                { "properties": { "volume": { "type": "string" } }, "required": ["volume"] } ] },
            "Text": { "anyOf": [{ "type": "string" }, { "type": "object" }] }
        },
        "properties": {
            "command": { "type": "string" },
            "url": { "$ref": "#/$defs/Text", "grant": "http" },
            "names": { "type": "array", "items": { "type": "string", "grant": "zone" } },
            "mounts": { "type": "array", "items": { "$ref": "#/$defs/Mount" } },
            "proxies": { "type": "object", "additionalProperties": { "type": "string", "grant": "http" } },
            "privileged": { "type": "boolean", "grant": "docker privileged" },
            "telemetry": { "type": "string", "grant": "http", "default": "https://default.example" },
            "host": { "type": "string" }, "port": { "type": "integer" }, "from": { "type": "string" }
        },
        "if": { "required": ["from"], "properties": { "from": { "const": "server" } } },
        "then": { "properties": { "host": { "grant": "http host" } } }
    })
}

/// The grants that stages with these keys ask for where nothing is granted.
fn asked(with: &str, more: &str) -> Vec<String> {
    let schema = schema();
    // The fixture's `run` has a schema of its own, which refuses these keys: they are put in afterwards.
    let mut pipeline = pipeline(&own(&format!("[[stage]]\nid = \"one\"\nrun = \"x\"\n{more}")));
    let keys: toml::Table = with.parse().unwrap();
    let Value::Object(keys) = serde_json::to_value(keys).unwrap() else { unreachable!("a table is one") };
    pipeline.stages[0].with.as_object_mut().unwrap().extend(keys);
    let variables = [("HOST".to_owned(), "hooks.example.com".to_owned())].into();
    let asked = requests(&pipeline, &variables, |_| Some(&schema));
    let lacks = |asked: &Asked| Granter::new("x", &asked.plugin, []).lacks(&asked.ask, &["example.com".into()]);
    asked.iter().filter_map(lacks).map(|grant| grant.to_string()).collect()
}

#[track_caller]
fn check(with: &str, expected: &[&str]) {
    let expected: Vec<String> =
        expected.iter().chain(&["http default.example"]).map(|grant| format!("{grant} --plugin run")).collect();
    let mut found = asked(with, "");
    found.sort_by_key(|grant| grant.contains("default.example"));
    assert_eq!(found, expected);
}

#[test]
fn annotations_are_found_wherever_they_stand() {
    check("url = \"https://a.example/x\"", &["http a.example"]);
    check("names = [\"b.example.com\", \"c.example.com\"]", &["zone example.com", "zone example.com"]);
    check("mounts = [{ bind = \"/etc\" }, { volume = \"/etc\" }]", &["docker mount:/etc"]);
    check("proxies = { a = \"http://a.example\", b = \"http://b.example\" }", &["http a.example", "http b.example"]);
    check("privileged = true", &["docker privileged"]);
    check("privileged = false", &[]);
}

#[test]
fn conditions_of_the_schema_hold() {
    let host = "host = \"a.example\"\nport = 80\n";
    check(&format!("{host}from = \"server\""), &["http a.example"]);
    check(&format!("{host}from = \"target\""), &[]);
    check(host, &[]);
}

#[test]
fn names_that_are_known_become_values() {
    check("url = \"https://${variables.HOST}/${environment.name}\"", &["http hooks.example.com"]);
    // Only the run knows; it is refused there.
    check("url = \"https://${stages.two.outputs.host}/\"", &[]);
    check("url = \"https://${variables.HOST}/${release.label}\"", &["http hooks.example.com"]);
    // One unknown name hides no other value.
    check("url = \"https://${release.label}/\"\nprivileged = true", &["docker privileged"]);
}

#[test]
fn secrets_are_asked_for_by_the_plugin_that_gets_them() {
    let secrets = "env = { A = { secret = \"ONE\" }, B = [\"b\", { secret = \"TWO\", quoting = \"url\" }] }";
    check(secrets, &["secret ONE", "secret TWO"]);
}

#[test]
fn a_stage_that_does_not_run_asks_for_nothing() {
    assert_eq!(asked("privileged = true", "when = { \"environment.name\" = \"elsewhere\" }\n"), [""; 0]);
}

#[test]
fn a_plugin_without_a_schema_asks_for_its_secrets() {
    let pipeline = pipeline(&own(
        "[[stage]]\nid = \"one\"\nuses = \"run@1\"\nwith = { command = \"x\", env = { A = { secret = \"ONE\" } } }\n",
    ));
    let asked = requests(&pipeline, &BTreeMap::new(), |_| None);
    assert_eq!(asked, [Asked { plugin: "run".into(), ask: Ask::Secret("ONE".into()) }]);
}
