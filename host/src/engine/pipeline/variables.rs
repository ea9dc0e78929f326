//! The variables a pipeline uses, so that a missing one is found before anything starts.

use super::expression::{self, Name};
use super::interpolate::holds;
use super::model::{Pipeline, Stage};
use super::names::texts;
use super::scope::walk;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use windlass_api_types::{ErrorKind, Failure};

/// Checks that every variable is set that a stage names, directly or through an option. Stages that are
/// known not to run are left out.
pub fn check_variables(pipeline: &Pipeline, variables: &BTreeMap<String, String>) -> Result<(), Failure> {
    let scope = pipeline.scope();
    let mut missing: Vec<(String, &str)> = Vec::new();
    for stage in pipeline.stages.iter().filter(|stage| holds(&stage.when, &scope) != Ok(false)) {
        let unset = used(stage, &pipeline.options).into_iter().filter(|name| !variables.contains_key(name));
        missing.extend(unset.map(|name| (name, stage.id.as_str())));
    }
    let Some((first, _)) = missing.first() else { return Ok(()) };
    let place = format!("{}/{}", pipeline.project, pipeline.environment);
    let named: Vec<String> = missing.iter().map(|(name, stage)| format!("`{name}` (stage `{stage}`)")).collect();
    let message = format!("these variables of {place} are not set: {}", named.join(", "));
    let hint = format!("windlass var set {place} {first}=VALUE");
    Err(Failure::new(ErrorKind::InvalidInput, "variable-unset", message).hint(hint))
}

fn used(stage: &Stage, options: &Value) -> BTreeSet<String> {
    let conditions = stage.when.iter().filter_map(|condition| Name::parse(&condition.name));
    let mut open: Vec<Name> = texts(&stage.with).into_iter().flat_map(expression::names).chain(conditions).collect();
    let mut seen = BTreeSet::new();
    let mut variables = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        match name.segments().as_slice() {
            ["variables", variable] => drop(variables.insert((*variable).to_owned())),
            ["options", path @ ..] => {
                let inside = walk(options, path).map(texts).unwrap_or_default();
                open.extend(inside.into_iter().flat_map(expression::names));
            }
            _ => {}
        }
    }
    variables
}

#[cfg(test)]
mod tests {
    use super::super::tests::fixture::{own, pipeline};
    use super::*;
    use expect_test::{Expect, expect};

    fn check(stages: &str, set: &[&str], expected: Expect) {
        let variables = set.iter().map(|name| ((*name).to_owned(), "value".to_owned())).collect();
        let shown = match check_variables(&pipeline(&own(stages)), &variables) {
            Ok(()) => "all set".to_owned(),
            Err(failure) => format!("{failure}\nhint: {}", failure.hint.as_deref().unwrap_or_default()),
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn every_missing_one_is_named() {
        let stages = r#"
            options.line = "echo ${variables.C}"
            [[stage]]
            id = "a"
            run = "${variables.A} ${variables.B}"
            [[stage]]
            id = "b"
            run = "${options.line}"
            when = { "variables.D" = "1" }
        "#;
        check(
            stages,
            &["B"],
            expect![[r#"
            these variables of shop/production are not set: `A` (stage `a`), `C` (stage `b`), `D` (stage `b`)
            hint: windlass var set shop/production A=VALUE"#]],
        );
        check(stages, &["A", "B", "C", "D"], expect!["all set"]);
    }

    #[test]
    fn a_stage_that_will_not_run_needs_none() {
        let stages = r#"
            [[stage]]
            id = "a"
            run = "${variables.A}"
            when = { "environment.name" = "qa" }
        "#;
        check(stages, &[], expect!["all set"]);
    }
}
