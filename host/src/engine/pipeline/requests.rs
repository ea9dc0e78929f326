//! What a pipeline asks of its environment's grants, as far as its text says it.

use super::interpolate::{holds, interpolate};
use super::model::{Pipeline, Stage};
use serde_json::Value;
use std::collections::BTreeSet;
use windlass_api_types::grant::{Grant, GrantKind};

/// The keys of a secret that is named.
const NAMED: [&str; 2] = ["secret", "quoting"];

/// The grants a pipeline needs. Stages that are known not to run are left out.
pub fn requests(pipeline: &Pipeline) -> BTreeSet<Grant> {
    let scope = pipeline.scope();
    let mut asked = BTreeSet::new();
    for stage in pipeline.stages.iter().filter(|stage| holds(&stage.when, &scope) != Ok(false)) {
        // What only a run knows is refused there, by the same grants.
        let with = interpolate(&stage.with, &scope).unwrap_or_else(|_| stage.with.clone());
        secrets(stage, &with, &mut asked);
    }
    asked
}

/// `{ secret = "NAME" }`, wherever it stands, and in whatever notation.
fn secrets(stage: &Stage, value: &Value, asked: &mut BTreeSet<Grant>) {
    match value {
        Value::Object(entries) => match (entries.get("secret"), entries.keys().all(|key| NAMED.contains(&&**key))) {
            (Some(Value::String(name)), true) => {
                asked.insert(Grant { plugin: stage.uses.name.clone(), kind: GrantKind::Secret, value: name.clone() });
            }
            _ => entries.values().for_each(|value| secrets(stage, value, asked)),
        },
        Value::Array(items) => items.iter().for_each(|item| secrets(stage, item, asked)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::fixture::{own, pipeline};
    use super::*;

    #[test]
    fn secrets_are_asked_for_by_the_plugin_that_gets_them() {
        let stages = "[[stage]]\nid = \"migrate\"\nuses = \"run@1\"\n\
            with = { command = \"x\", env = { A = { secret = \"ONE\" }, B = [\"b\", { secret = \"TWO\", quoting = \"url\" }] } }\n\
            [[stage]]\nid = \"elsewhere\"\nuses = \"run@1\"\nwhen = { \"environment.name\" = \"elsewhere\" }\n\
            with = { command = \"x\", env = { A = { secret = \"THREE\" } } }\n";
        let asked: Vec<String> = requests(&pipeline(&own(stages))).iter().map(Grant::to_string).collect();
        assert_eq!(asked, ["secret ONE --plugin run", "secret TWO --plugin run"]);
    }
}
