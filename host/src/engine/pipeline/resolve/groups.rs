//! The target groups of an environment.

use super::super::error::Problems;
use super::super::node::At;
use super::super::read::EnvironmentConfig;
use super::super::suggest;
use std::collections::BTreeMap;

/// Checks that every target is registered.
pub(crate) fn resolve_groups(
    environment: &EnvironmentConfig,
    registered: &[String],
    problems: &mut Problems,
) -> BTreeMap<String, Vec<String>> {
    for (group, targets) in &environment.groups {
        for target in targets.iter().filter(|target| !registered.contains(&target.value)) {
            let name = &target.value;
            let key = format!("environments.{}.targets.{group}", environment.name.value);
            let error = problems.add(&target.at, key, format!("target `{name}` is not registered"));
            let add = format!("windlass target add {name} USER@HOST");
            error.hint(match suggest::nearest(name, registered.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`? Else: {add}"),
                None => add,
            });
        }
    }
    let names = |(group, targets): &(String, Vec<At<String>>)| {
        (group.clone(), targets.iter().map(|target| target.value.clone()).collect())
    };
    environment.groups.iter().map(names).collect()
}
