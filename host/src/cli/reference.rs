//! How arguments name a deployment (`shop#41`, `shop`, `41`) and an environment (`shop/production`).

use super::CliError;
use super::project_file::current_project;
use crate::client::{Client, DeploymentFilter};
use std::str::FromStr;
use windlass_api_types::DeploymentId;
use windlass_api_types::deployment::Deployment;

/// A deployment, named as far as a person cares to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DeploymentRef {
    Id(DeploymentId),
    /// `shop#41`, `#41` or `41`.
    Number {
        project: Option<String>,
        number: u64,
    },
    /// `shop`: its latest.
    Latest {
        project: String,
    },
}

/// An environment; the project may come from `windlass.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EnvironmentRef {
    pub project: Option<String>,
    pub environment: String,
}

/// Text that names neither.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ReferenceError {
    #[error("a deployment is named like `shop#41`, or by its project for the latest")]
    Deployment,
    #[error("an environment is named like `shop/production`, or `production` within the project's directory")]
    Environment,
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
}

impl FromStr for DeploymentRef {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        if let Some((project, number)) = text.split_once('#') {
            let number = number.parse().map_err(|_| ReferenceError::Deployment)?;
            return match project {
                "" => Ok(Self::Number { project: None, number }),
                project if is_name(project) => Ok(Self::Number { project: Some(project.into()), number }),
                _ => Err(ReferenceError::Deployment),
            };
        }
        match text.parse() {
            Ok(number) => Ok(Self::Number { project: None, number }),
            Err(_) if is_name(text) => Ok(Self::Latest { project: text.into() }),
            Err(_) => Err(ReferenceError::Deployment),
        }
    }
}

impl FromStr for EnvironmentRef {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let (project, environment) = match text.split_once('/') {
            Some((project, environment)) => (Some(project), environment),
            None => (None, text),
        };
        if !is_name(environment) || project.is_some_and(|project| !is_name(project)) {
            return Err(ReferenceError::Environment);
        }
        Ok(Self { project: project.map(str::to_owned), environment: environment.to_owned() })
    }
}

impl EnvironmentRef {
    /// Names of the project and the environment. `example` is a command that names both.
    pub(super) fn resolve(self, example: &str) -> Result<(String, String), CliError> {
        let project = project_or_current(self.project, example)?;
        Ok((project, self.environment))
    }
}

/// The project that was named, or the one of this directory. `example` is a command that names one.
pub(super) fn project_or_current(project: Option<String>, example: &str) -> Result<String, CliError> {
    project.map_or_else(|| current_project(example), Ok)
}

/// The deployment that was meant; nothing named means the latest of this directory's project. `command` is
/// the word of the command that asks.
pub(super) async fn find_deployment(
    client: &Client,
    meant: Option<DeploymentRef>,
    command: &str,
) -> Result<Deployment, CliError> {
    let meant = match meant {
        Some(meant) => meant,
        None => DeploymentRef::Latest { project: current_project(&format!("{command} shop"))? },
    };
    let name = match meant {
        DeploymentRef::Id(id) => id.to_string(),
        DeploymentRef::Number { project, number } => {
            let project = project_or_current(project, &format!("{command} shop#{number}"))?;
            format!("{project}#{number}")
        }
        DeploymentRef::Latest { project } => {
            let filter = DeploymentFilter { project: Some(&project), limit: Some(1), ..Default::default() };
            let page = client.deployments(&filter).await?;
            match page.deployments.first() {
                Some(latest) => latest.id.to_string(),
                None => return Err(none_yet(&project)),
            }
        }
    };
    Ok(client.deployment(&name).await?)
}

fn none_yet(project: &str) -> CliError {
    CliError::usage(format!("{project} has no deployments yet"), "make one: windlass deploy PATH --to ENVIRONMENT")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(project: Option<&str>, number: u64) -> Result<DeploymentRef, ReferenceError> {
        Ok(DeploymentRef::Number { project: project.map(str::to_owned), number })
    }

    #[test]
    fn a_deployment_is_named_in_four_ways() {
        let id = "01960000-0000-7000-8000-000000000001";
        assert_eq!(id.parse(), Ok(DeploymentRef::Id(id.parse().unwrap())));
        assert_eq!("shop#41".parse(), number(Some("shop"), 41));
        assert_eq!("#41".parse(), number(None, 41));
        assert_eq!("41".parse(), number(None, 41));
        assert_eq!("shop".parse(), Ok(DeploymentRef::Latest { project: "shop".into() }));
    }

    #[test]
    fn what_names_no_deployment_is_refused() {
        for text in ["", "shop#", "shop#x", "a b#1", "shop/production", "#-1"] {
            assert_eq!(text.parse::<DeploymentRef>(), Err(ReferenceError::Deployment), "{text}");
        }
    }

    #[test]
    fn an_environment_may_leave_its_project_out() {
        let environment = |project: Option<&str>| EnvironmentRef {
            project: project.map(str::to_owned),
            environment: "production".into(),
        };
        assert_eq!("shop/production".parse(), Ok(environment(Some("shop"))));
        assert_eq!("production".parse(), Ok(environment(None)));
        for text in ["", "/", "shop/", "/production", "a/b/c"] {
            assert_eq!(text.parse::<EnvironmentRef>(), Err(ReferenceError::Environment), "{text}");
        }
    }
}
