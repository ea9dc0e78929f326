use super::*;
use serde_json::json;

/// The document as a host writes it, with a field that this version does not know.
fn document() -> Value {
    json!({
        "context": 1, "mode": "run", "kind": "promotion", "project": "shop", "environment": "production",
        "deployment": { "id": "d", "number": 41, "label": "shop#41", "url": null },
        "actor": "ada",
        "release": { "id": "r", "label": "20260305-143022", "commit": { "sha": "4f1c" },
                     "artifacts": [{ "name": "app", "digest": "sha256:00", "size": 3 }] },
        "previous_release": { "id": "p", "label": "20260301-080000" },
        "stage": { "id": "start", "attempt": 1, "run_id": "s" },
        "target": { "name": "web-1", "group": "web" },
        "targets": [{ "name": "web-1", "group": "web" }, { "name": "web-2", "group": "web" }],
        "batch": ["web-1"], "variables": { "LOG": "info" }, "secrets": ["KEY"], "config": {},
        "outputs": { "upload": { "web-1": { "n": 1 }, "web-2": { "n": 2 } }, "build": { "": { "n": 3 } } },
        "checkpoint": null, "weather": "fine"
    })
}

fn context() -> Context {
    serde_json::from_value(document()).unwrap()
}

#[derive(Debug, Deserialize, PartialEq)]
struct Numbered {
    n: u32,
}

#[test]
fn what_is_not_known_is_ignored() {
    assert_eq!(context().kind, DeploymentKind::Other);
}

#[test]
fn what_is_optional_may_be_absent() {
    let mut document = document();
    let fields = document.as_object_mut().unwrap();
    for optional in ["previous_release", "target", "batch", "checkpoint", "variables", "secrets", "outputs", "targets"]
    {
        fields.remove(optional);
    }
    let context: Context = serde_json::from_value(document).unwrap();
    assert!(context.target.is_none() && context.previous_release.is_none());
}

#[test]
fn outputs_are_this_targets_or_the_only_ones() {
    let mut context = context();
    assert_eq!(context.output::<Numbered>("upload").unwrap(), Numbered { n: 1 });
    assert_eq!(context.output::<Numbered>("build").unwrap(), Numbered { n: 3 });
    context.target = None;
    let error = context.output::<Numbered>("upload").unwrap_err();
    assert_eq!(error.message, "the stage `upload` has no outputs for the stage `start`");
}

#[test]
fn a_stage_without_a_target_is_told_what_to_add() {
    let mut context = context();
    assert_eq!(context.target().unwrap(), "web-1");
    context.target = None;
    let error = context.target().unwrap_err();
    assert_eq!(error.code, "no-target");
    assert!(error.hint.unwrap().contains("targets ="));
}

#[test]
fn a_missing_artifact_names_those_there_are() {
    let error = context().artifact("api").unwrap_err();
    assert_eq!(error.message, "release 20260305-143022 has no artifact `api`");
    assert_eq!(error.hint.as_deref(), Some("it carries: app"));
}
