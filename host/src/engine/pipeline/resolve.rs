//! A configuration, a template and an environment → a [`Pipeline`]. Everything that can be known to be
//! wrong before a deployment starts is found here.

mod context;
mod groups;
mod options;
mod order;
mod rollouts;
mod stages;

use super::error::{ConfigErrors, Problems};
use super::interpolate::interpolate;
use super::merge::{Merged, merge};
use super::model::{Pipeline, Plugins, Templates};
use super::read::{EnvironmentConfig, ProjectConfig};
use super::scope::Scope;
use super::template::{TemplateConfig, template_of};
use super::{duration, suggest};
use context::Context;
use options::resolve_options;
use serde_json::json;
use std::time::Duration;

/// Resolves the pipeline of one environment. `targets` are the names of the registered targets.
///
/// # Errors
/// Everything that is wrong, each with its place in `windlass.toml` or in the template.
pub fn resolve(
    config: &ProjectConfig,
    environment: &str,
    templates: &dyn Templates,
    plugins: &dyn Plugins,
    targets: &[String],
) -> Result<Pipeline, ConfigErrors> {
    let environment = find_environment(config, environment)?;
    let template = template_of(config, templates)?;
    let mut problems = Problems::default();
    let mut merged = merge(config, template.as_ref(), &mut problems);
    merged.specialize(environment, &mut problems);
    let groups = groups::resolve_groups(environment, targets, &mut problems);
    let mut scope = Scope::default();
    scope.set("project", json!(config.project)).set("environment", json!({ "name": environment.name.value }));
    let sound = problems.count();
    let domain = resolve_domain(&merged, &scope, &mut problems);
    scope.set("domain", json!(domain));
    let options = resolve_options(config, &merged, template.as_ref(), environment, &mut scope, &mut problems);
    if problems.count() > sound {
        // Every stage would repeat the errors of the options it uses.
        problems.stop_if_any()?;
    }
    let context = Context { scope: &scope, options: &options, environment };
    let timeout = resolve_timeout(&merged, &context, &mut problems);
    let rollouts = rollouts::resolve_rollouts(&merged.rollouts, &context, &mut problems);
    let stages = stages::resolve_stages(&merged.stages, &rollouts, &context, plugins, &mut problems);
    order::check_order(&merged.stages, &stages, &rollouts, config, &mut problems);
    problems.finish(Pipeline {
        project: config.project.clone(),
        environment: environment.name.value.clone(),
        domain,
        template: template.as_ref().map(TemplateConfig::label),
        options: options.value,
        groups,
        stages,
        rollouts: rollouts.into_iter().map(|rollout| (rollout.name.value, rollout.value)).collect(),
        queue: config.queue,
        timeout,
        approval: environment.approval,
    })
}

fn find_environment<'c>(config: &'c ProjectConfig, name: &str) -> Result<&'c EnvironmentConfig, ConfigErrors> {
    let found = config.environments.iter().find(|environment| environment.name.value == name);
    found.ok_or_else(|| {
        let hint = suggest::hint(name, config.environments());
        let hint = hint.unwrap_or_else(|| format!("add a table [environments.{name}]"));
        Problems::single(&config.start, "environments", format!("there is no environment `{name}`"), Some(hint))
    })
}

/// The domain may hold names of the project and the environment.
fn resolve_domain(merged: &Merged, scope: &Scope, problems: &mut Problems) -> Option<String> {
    let domain = merged.domain.as_ref()?;
    match interpolate(&json!(domain.value), scope) {
        Ok(value) => value.as_str().map(str::to_owned),
        Err(error) => {
            let hint = error.hint().unwrap_or_else(|| "a domain knows `project` and `environment.name`".into());
            problems.add(&domain.at, "domain", format!("`domain`: {error}")).hint(hint);
            None
        }
    }
}

fn resolve_timeout(merged: &Merged, context: &Context<'_>, problems: &mut Problems) -> Option<Duration> {
    let node = context.early_node(merged.timeout.as_ref()?, "`timeout`", "timeout", problems)?;
    let timeout = node.as_text().and_then(duration::parse);
    if timeout.is_none() {
        let message = format!("`timeout` must be a duration such as \"10m\", not {}", node.description());
        problems.add(&node.at, "timeout", message);
    }
    timeout
}
