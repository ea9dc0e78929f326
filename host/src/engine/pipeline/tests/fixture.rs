//! A template and some plugins, and what a configuration makes of them.

use super::super::*;
use expect_test::Expect;
use serde_json::{Value, json};

pub(crate) const TEMPLATE: &str = r#"
name = "process"
version = "1.2.0"
summary = "Runs a program"

[options]
type = "object"
required = ["command"]

[options.properties.command]
type = "string"
description = "The command that starts the program"

[options.properties.directory]
type = "string"
description = "Where releases are kept"
default = "/srv/${project}"

[options.properties.strategy]
enum = ["blue-green", "sequential"]
default = "blue-green"

[options.properties.group]
type = "string"
default = "app"

[options.properties.pre_start]
type = "string"
description = "A command before the start"

[options.properties.health.properties.path]
type = "string"
default = "/health"

[options.properties.health.properties.attempts]
type = "integer"
minimum = 1
default = 30

[rollout.app]
targets = "${options.group}"

[[stage]]
id = "upload"
phase = "deploying"
uses = "release-upload@1"
rollout = "app"
with = { directory = "${options.directory}" }

[[stage]]
id = "pre-start"
uses = "hook@1"
rollout = "app"
with = { directory = "${stages.upload.outputs.directory}", command = "${options.pre_start}" }

[[stage]]
id = "stop"
uses = "noop"
rollout = "app"
when = { "options.strategy" = "sequential" }

[[stage]]
id = "healthy"
uses = "http-health@1.0"
rollout = "app"
timeout = "5m"
with = { path = "${options.health.path}", attempts = "${options.health.attempts}" }

[[stage]]
id = "finish"
uses = "noop@1"
rollout = "app"
pivot = true

[[stage]]
id = "post-deploy"
uses = "hook@1"
targets = "${options.group}"
on_failure = "warn"
with = { directory = "${stages.upload.outputs.directory}" }
"#;

pub(crate) struct Fixture;

impl Templates for Fixture {
    fn get(&self, name: &str, wanted: Wanted) -> Option<&str> {
        let version = Version { major: 1, minor: 2, patch: 0 };
        (name == "process" && wanted.matches(version)).then_some(TEMPLATE)
    }

    fn names(&self) -> Vec<String> {
        vec!["process".into()]
    }
}

impl Plugins for Fixture {
    fn find(&self, name: &str, wanted: Wanted) -> Option<PluginInfo> {
        let text = || json!({ "type": "string" });
        let config = match name {
            "noop" => json!({ "type": "object" }),
            "run" => {
                object(&["command"], json!({ "command": text(), "directory": text(), "env": { "type": "object" } }))
            }
            "hook" => object(&["directory"], json!({ "command": text(), "directory": text() })),
            "release-upload" => object(&["directory"], json!({ "directory": text() })),
            "http-health" => http_health(),
            _ => return None,
        };
        let outputs = match name {
            "release-upload" => object(&["directory"], json!({ "directory": text(), "data": text() })),
            "run" => object(&["status"], json!({ "status": { "type": "integer" } })),
            _ => json!({ "type": "object", "properties": {} }),
        };
        let versions = ["1.0.0", "1.0.1", "2.0.0"].map(|text| text.parse::<Version>().expect("a version"));
        let known = versions.into_iter().filter(|version| name == "noop" || version.major == 1);
        let version = wanted.pick(known.map(|version| (version, version)))?;
        Some(PluginInfo {
            name: name.into(),
            version,
            digest: format!("sha256:{name}"),
            config_schema: config,
            outputs_schema: outputs,
            undo: false,
            health: name == "http-health",
        })
    }

    fn names(&self) -> Vec<String> {
        ["noop", "run", "hook", "release-upload", "http-health"].map(str::to_owned).into()
    }
}

fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties })
}

/// As schemars writes it: a nested optional struct is a reference beside null.
fn http_health() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "port": { "type": ["integer", "null"], "minimum": 1, "maximum": 65535 },
            "path": { "type": "string", "description": "The path that is asked for." },
            "attempts": { "type": "integer", "minimum": 1 },
            "retry": { "anyOf": [{ "$ref": "#/$defs/Retry" }, { "type": "null" }] },
        },
        "$defs": { "Retry": { "type": "object", "required": ["every"], "properties": { "every": { "type": "integer" } } } },
    })
}

/// A text without its first, empty line and without the indentation of the code around it.
pub(crate) fn dedent(text: &str) -> String {
    let lines: Vec<&str> = text.strip_prefix('\n').unwrap_or(text).lines().collect();
    let indentation = |line: &&str| line.len() - line.trim_start().len();
    let common = lines.iter().filter(|line| !line.trim().is_empty()).map(indentation).min().unwrap_or(0);
    lines.iter().map(|line| line.get(common..).unwrap_or_default().to_owned() + "\n").collect()
}

pub(crate) fn resolve_in(environment: &str, text: &str) -> Result<Pipeline, ConfigErrors> {
    let registered = ["web-1", "web-2", "db-1"].map(str::to_owned);
    resolve(&read_config(&dedent(text))?, environment, &Fixture, &Fixture, &registered)
}

/// Resolves for the environment `production`.
pub(crate) fn pipeline(text: &str) -> Pipeline {
    resolve_in("production", text).unwrap_or_else(|errors| panic!("must resolve:\n{errors}"))
}

/// Checks everything that is wrong with a configuration, as it is shown.
pub(crate) fn check(text: &str, expected: Expect) {
    check_in("production", text, expected);
}

pub(crate) fn check_in(environment: &str, text: &str, expected: Expect) {
    match resolve_in(environment, text) {
        Ok(_) => panic!("nothing is wrong with it"),
        Err(errors) => expected.assert_eq(&errors.to_string()),
    }
}

/// A sound configuration of own stages, with something added at its end.
pub(crate) fn own(added: &str) -> String {
    let groups = "{ web = [\"web-1\", \"web-2\"], db = [\"db-1\"] }";
    format!("project = \"shop\"\nenvironments.production.targets = {groups}\n{}", dedent(added))
}

/// A sound configuration of the template, with something added at its end.
pub(crate) fn templated(added: &str) -> String {
    format!(
        "project = \"shop\"\ntemplate = \"process@1\"\noptions.command = \"./shop\"\n\
         environments.production.targets.app = [\"web-1\"]\n{}",
        dedent(added)
    )
}
