//! The artifacts a pipeline needs, so that a missing one is found before anything starts.

use super::interpolate::{holds, interpolate};
use super::model::{Pipeline, Stage};
use serde_json::Value;
use windlass_api_types::deployment::Artifact;
use windlass_api_types::{ErrorKind, Failure};

/// The `format` by which a plugin's config schema says that a text names an artifact.
const FORMAT: &str = "artifact";

/// Checks that the release carries every artifact that a stage names. `schema` gives the config schema
/// of a stage's plugin. Stages that are known not to run are left out, and names that only a run decides.
pub fn check_artifacts<'s>(
    pipeline: &Pipeline,
    schema: impl Fn(&Stage) -> Option<&'s Value>,
    carried: &[Artifact],
) -> Result<(), Failure> {
    let scope = pipeline.scope();
    for stage in pipeline.stages.iter().filter(|stage| holds(&stage.when, &scope) != Ok(false)) {
        let Some(properties) = schema(stage).and_then(|schema| schema.get("properties")?.as_object()) else { continue };
        for (key, property) in properties.iter().filter(|(_, property)| property["format"] == FORMAT) {
            let named = stage.with.get(key).or_else(|| property.get("default")).cloned().unwrap_or_default();
            let Ok(Value::String(name)) = interpolate(&named, &scope) else { continue };
            if !carried.iter().any(|artifact| artifact.name == name) {
                return Err(missing(stage, &name, carried));
            }
        }
    }
    Ok(())
}

fn missing(stage: &Stage, name: &str, carried: &[Artifact]) -> Failure {
    let message = format!("the stage `{}` needs the artifact `{name}`, which the release does not carry", stage.id);
    let names: Vec<String> = carried.iter().map(|artifact| format!("`{}`", artifact.name)).collect();
    let hint = match names.is_empty() {
        true => "it carries none: give the file or directory to deploy".to_owned(),
        false => format!("it carries: {}", names.join(", ")),
    };
    Failure::new(ErrorKind::InvalidInput, "artifact-missing", message).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::super::tests::fixture::{own, pipeline};
    use super::*;
    use serde_json::json;

    fn check(stage: &str, carried: &[&str]) -> Result<(), Failure> {
        let schema = json!({ "properties": { "command": { "format": "artifact", "default": "app" } } });
        let artifact = |name: &&str| Artifact { name: (*name).into(), digest: String::new(), size: 0 };
        let carried: Vec<Artifact> = carried.iter().map(artifact).collect();
        check_artifacts(&pipeline(&own(stage)), |_| Some(&schema), &carried)
    }

    #[test]
    fn what_a_stage_names_must_be_carried() {
        let stage = "[[stage]]\nid = \"upload\"\nrun = \"other\"\n";
        let failure = check(stage, &["app"]).unwrap_err();
        let said = "the stage `upload` needs the artifact `other`, which the release does not carry";
        assert_eq!((failure.message.as_str(), failure.hint.as_deref()), (said, Some("it carries: `app`")));
        assert_eq!(check(stage, &["app", "other"]), Ok(()));
    }

    #[test]
    fn what_cannot_be_known_before_a_run_is_left_to_it() {
        assert_eq!(check("[[stage]]\nid = \"upload\"\nrun = \"${release.label}\"\n", &[]), Ok(()));
        let skipped = "[[stage]]\nid = \"upload\"\nrun = \"other\"\nwhen = { \"environment.name\" = \"elsewhere\" }\n";
        assert_eq!(check(skipped, &[]), Ok(()));
    }
}
