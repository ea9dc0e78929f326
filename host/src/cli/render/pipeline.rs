//! A resolved pipeline as a table: which stage runs what, where, and by which rules.

use super::style::{BOLD, DIM, paint};
use super::table::{Cell, Table};
use super::time;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use windlass_api_types::pipeline::PipelineRevision;

/// What the table needs of the definition; the document has more, and may get more.
#[derive(Deserialize)]
struct Definition {
    project: String,
    environment: String,
    stages: Vec<Stage>,
    #[serde(default)]
    groups: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Stage {
    id: String,
    uses: Plugin,
    place: Place,
    #[serde(default)]
    one_target: bool,
    timeout: Option<u64>,
    #[serde(default)]
    retries: u32,
    on_failure: Option<String>,
    undo: Option<String>,
    #[serde(default)]
    when: Vec<Condition>,
    #[serde(default)]
    always: bool,
    #[serde(default)]
    pivot: bool,
    #[serde(default)]
    watch: bool,
    /// Milliseconds.
    #[serde(default)]
    approval: Option<u64>,
}

#[derive(Deserialize)]
struct Plugin {
    name: String,
    version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    Server,
    Targets { groups: Vec<String> },
    Rollout { name: String },
}

#[derive(Deserialize)]
struct Condition {
    name: String,
    equals: Value,
}

/// The stages in order; a definition of another version is shown as it is.
pub fn render_pipeline(revision: &PipelineRevision) -> String {
    let Ok(definition) = serde_json::from_value::<Definition>(revision.definition.clone()) else {
        return format!("{:#}\n", revision.definition);
    };
    let heading = format!("{} → {}", definition.project, definition.environment);
    let template = revision.template.as_ref().map(|name| format!(", from {name}")).unwrap_or_default();
    let mut text = format!("{}, revision {}{template}\n", paint(BOLD, &heading), revision.number);
    let mut groups = Table::bare("  ");
    for (group, targets) in &definition.groups {
        groups.row([Cell::new(group, DIM), targets.join(", ").into()]);
    }
    text.push_str(&groups.render());
    text.push('\n');
    let mut stages = Table::new(&["STAGE", "USES", "WHERE", "RULES"]);
    for stage in &definition.stages {
        let uses = format!("{}@{}", stage.uses.name, stage.uses.version);
        stages.row([Cell::new(&stage.id, BOLD), uses.into(), stage.place().into(), Cell::new(stage.rules(), DIM)]);
    }
    text.push_str(&stages.render());
    text
}

impl Stage {
    fn place(&self) -> String {
        let one = if self.one_target { " (one)" } else { "" };
        match &self.place {
            Place::Server => "server".into(),
            Place::Targets { groups } => format!("{}{one}", groups.join(", ")),
            Place::Rollout { name } => format!("rollout {name}{one}"),
        }
    }

    /// What is not the default.
    fn rules(&self) -> String {
        let mut rules = Vec::new();
        if self.pivot {
            rules.push("pivot".into());
        }
        if let Some(approval) = self.approval {
            rules.push(format!("asks a person, for {}", time::took(approval.try_into().unwrap_or(i64::MAX))));
        }
        if self.watch {
            rules.push("watched".into());
        }
        if self.always {
            rules.push("always".into());
        }
        if self.on_failure.as_deref() == Some("warn") {
            rules.push("failure only warns".into());
        }
        if self.undo.as_deref() == Some("never") {
            rules.push("never undone".into());
        }
        if self.retries > 0 {
            rules.push(format!("retries {}", self.retries));
        }
        if let Some(timeout) = self.timeout {
            rules.push(format!("timeout {}", time::took(timeout.try_into().unwrap_or(i64::MAX))));
        }
        rules.extend(self.when.iter().map(|condition| format!("when {} = {}", condition.name, condition.equals)));
        rules.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::plain;
    use super::*;
    use expect_test::expect;
    use serde_json::json;
    use windlass_api_types::PipelineRevisionId;

    fn revision(definition: Value) -> PipelineRevision {
        PipelineRevision {
            id: PipelineRevisionId(uuid::Uuid::from_u128(1)),
            number: 3,
            created_at: 0,
            template: Some("process@1.0.0".into()),
            definition,
        }
    }

    #[test]
    fn stages_are_listed_with_what_is_special_about_them() {
        let uses = json!({ "name": "run", "version": "1.0.0", "digest": "sha256:0" });
        let definition = json!({
            "project": "shop", "environment": "production", "groups": { "app": ["web-1", "web-2"] },
            "stages": [
                { "id": "build", "uses": uses, "place": "server", "timeout": 600_000, "on_failure": "fail" },
                { "id": "migrate", "uses": uses, "place": { "targets": { "groups": ["app"] } }, "one_target": true,
                  "timeout": null, "undo": "never", "when": [{ "name": "environment.name", "equals": "production" }] },
                { "id": "finish", "uses": uses, "place": { "rollout": { "name": "app" } }, "timeout": null, "pivot": true },
            ],
        });
        expect![[r#"
            shop → production, revision 3, from process@1.0.0
              app  web-1, web-2

            STAGE    USES       WHERE        RULES
            build    run@1.0.0  server       timeout 10 min 00 s
            migrate  run@1.0.0  app (one)    never undone, when environment.name = "production"
            finish   run@1.0.0  rollout app  pivot
        "#]]
        .assert_eq(&plain(&render_pipeline(&revision(definition))));
    }

    #[test]
    fn an_unknown_definition_is_shown_as_it_is() {
        assert_eq!(render_pipeline(&revision(json!({ "a": 1 }))), "{\n  \"a\": 1\n}\n");
    }
}
