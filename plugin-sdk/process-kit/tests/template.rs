//! The template `process` and its plugins fit: every stage gives what its plugin takes, and uses what earlier
//! stages answer.

use serde_json::Value;
use windlass_plugin_hook::Hook;
use windlass_plugin_http_health::HttpHealth;
use windlass_plugin_process_finish::ProcessFinish;
use windlass_plugin_process_retire::ProcessRetire;
use windlass_plugin_process_start::ProcessStart;
use windlass_plugin_process_stop::ProcessStop;
use windlass_plugin_release_upload::ReleaseUpload;
use windlass_plugin_route::Route;
use windlass_sdk::testing::metadata;

fn plugins() -> Vec<Value> {
    vec![
        metadata::<Hook>(),
        metadata::<HttpHealth>(),
        metadata::<ProcessFinish>(),
        metadata::<ProcessRetire>(),
        metadata::<ProcessStart>(),
        metadata::<ProcessStop>(),
        metadata::<ReleaseUpload>(),
        metadata::<Route>(),
    ]
}

fn template() -> Value {
    toml::from_str(include_str!("../../../templates/process.toml")).unwrap()
}

fn stages(template: &Value) -> impl Iterator<Item = (&str, &Value)> {
    template["stage"].as_array().unwrap().iter().map(|stage| (stage["id"].as_str().unwrap(), stage))
}

fn plugin<'p>(plugins: &'p [Value], stage: &Value) -> &'p Value {
    let name = stage["uses"].as_str().unwrap().strip_suffix("@1").unwrap();
    plugins.iter().find(|plugin| plugin["name"] == name).unwrap_or_else(|| panic!("no plugin `{name}`"))
}

fn keys(table: &Value) -> Vec<&str> {
    table.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The names in `${…}` of all values.
fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => {
            text.split("${").skip(1).map(|rest| rest.split('}').next().unwrap().to_owned()).collect()
        }
        Value::Array(items) => items.iter().flat_map(names).collect(),
        Value::Object(entries) => entries.values().flat_map(names).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_field_is_described() {
    for plugin in plugins() {
        for part in ["config", "outputs"] {
            let properties = plugin[part]["properties"].as_object().cloned().unwrap_or_default();
            for (name, field) in properties {
                assert!(field["description"].is_string(), "{} {part} `{name}`", plugin["name"]);
            }
        }
    }
    for (name, option) in template()["options"]["properties"].as_object().unwrap() {
        assert!(option["description"].is_string(), "option `{name}`");
    }
}

#[test]
fn every_stage_gives_what_its_plugin_takes() {
    let (plugins, template) = (plugins(), template());
    for (id, stage) in stages(&template) {
        let config = &plugin(&plugins, stage)["config"];
        let known = keys(&config["properties"]);
        for key in keys(&stage["with"]) {
            assert!(known.contains(&key), "stage `{id}` gives `{key}`; its plugin takes {known:?}");
        }
        for required in config["required"].as_array().into_iter().flatten() {
            assert!(stage["with"].get(required.as_str().unwrap()).is_some(), "stage `{id}` lacks {required}");
        }
    }
}

#[test]
fn every_name_is_one_that_there_is() {
    let (plugins, template) = (plugins(), template());
    let mut earlier = Vec::<(&str, &Value)>::new();
    for (id, stage) in stages(&template) {
        for name in names(&stage["with"]) {
            match name.split('.').collect::<Vec<_>>().as_slice() {
                ["options", path @ ..] => {
                    let pointer: String = path.iter().map(|key| format!("/properties/{key}")).collect();
                    assert!(template["options"].pointer(&pointer).is_some(), "stage `{id}`: `{name}`");
                }
                ["stages", of, "outputs", output] => {
                    let (_, of) = earlier.iter().find(|(id, _)| id == of).unwrap();
                    let outputs = &plugin(&plugins, of)["outputs"]["properties"];
                    assert!(outputs.get(output).is_some(), "stage `{id}`: `{name}`");
                }
                _ => panic!("stage `{id}`: `{name}`"),
            }
        }
        earlier.push((id, stage));
    }
}

#[test]
fn what_comes_before_the_pivot_and_changes_what_runs_can_be_undone() {
    let (plugins, template) = (plugins(), template());
    let undoes = |(id, stage)| (id, plugin(&plugins, stage)["undo"].as_bool().unwrap());
    let before: Vec<_> = stages(&template).take_while(|(_, stage)| stage["pivot"] != true).map(undoes).collect();
    let expected =
        [("upload", true), ("pre-start", false), ("stop", true), ("start", true), ("healthy", false), ("route", true)];
    assert_eq!(before, expected);
}
