//! `windlass target prepare`: a deployment of the template `prepare`, which the engine runs like any other.

use super::super::context::Context;
use super::super::render::plan::render_plan;
use super::super::{CliError, Exit, follow};
use clap::{Args, ValueEnum};
use std::collections::BTreeMap;
use toml::{Table, Value};
use windlass_api_types::deployment::CreateDeployment;

/// The project and the environment that such deployments belong to.
const PROJECT: &str = "windlass";
const ENVIRONMENT: &str = "targets";
const TEMPLATE: &str = "prepare@1";
/// The environment's group of targets.
const GROUP: &str = "prepared";

/// Install what deployments need on targets, unless it is there
#[derive(Debug, Args)]
#[command(after_help = "\
It is a deployment of the project `windlass` to the environment `targets`: it can be planned, followed,
canceled and looked up like any other. What is there and new enough is left alone. Installing needs
root, or sudo without a password.

Examples:
  windlass target prepare web-1                        Docker and Docker Compose
  windlass target prepare web-1 web-2 --with docker,caddy
  windlass target prepare web-1 --with caddy --plan    what would be done")]
pub(super) struct Prepare {
    /// The targets' names
    #[arg(required = true, value_name = "TARGET")]
    names: Vec<String>,
    /// What to install; docker includes Docker Compose
    #[arg(long, value_name = "TOOL", value_delimiter = ',', default_value = "docker")]
    with: Vec<Tool>,
    /// Show what would be done, and change nothing
    #[arg(long)]
    plan: bool,
    /// Do not wait for its end
    #[arg(long, conflicts_with = "plan")]
    detach: bool,
}

/// What can be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Tool {
    Docker,
    Caddy,
}

impl Prepare {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        follow::check_detach(context, self.detach).await?;
        let client = context.client().await?;
        let request = self.request();
        if self.plan {
            let plan = client.plan(&request).await?;
            context.output.value(&plan, render_plan)?;
            return Ok(if plan.failure.is_none() { Exit::Done } else { Exit::Failed });
        }
        let deployment = client.create_deployment(&request).await?;
        follow::follow(context, deployment, self.detach).await
    }

    fn request(&self) -> CreateDeployment {
        CreateDeployment {
            config: self.config(),
            environment: ENVIRONMENT.to_owned(),
            artifacts: BTreeMap::new(),
            release: None,
            only: Vec::new(),
            commit: None,
        }
    }

    /// The text of its `windlass.toml`.
    fn config(&self) -> String {
        let options = [("docker", Tool::Docker), ("caddy", Tool::Caddy)];
        let options = options.map(|(name, tool)| (name, Value::Boolean(self.with.contains(&tool))));
        let names = self.names.iter().map(|name| Value::String(name.clone())).collect();
        let groups = table([(GROUP, Value::Array(names))]);
        let environment = table([("targets", Value::Table(groups))]);
        let config = table([
            ("project", Value::String(PROJECT.to_owned())),
            ("template", Value::String(TEMPLATE.to_owned())),
            ("options", Value::Table(table(options))),
            ("environments", Value::Table(table([(ENVIRONMENT, Value::Table(environment))]))),
        ]);
        config.to_string()
    }
}

fn table<const N: usize>(entries: [(&str, Value); N]) -> Table {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn the_configuration_is_that_of_a_project() {
        let names = vec!["web-1".to_owned(), "a\"b".to_owned()];
        let prepare = Prepare { names, with: vec![Tool::Caddy], plan: false, detach: false };
        expect![[r#"
            project = "windlass"
            template = "prepare@1"

            [environments.targets.targets]
            prepared = ["web-1", 'a"b']

            [options]
            caddy = true
            docker = false
        "#]]
        .assert_eq(&prepare.config());
    }
}
