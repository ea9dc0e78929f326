//! `windlass history`: deployments, newest first.

use super::context::Context;
use super::project_file::{ProjectFile, current_project};
use super::render::deployment::render_history;
use super::{CliError, Exit};
use crate::client::DeploymentFilter;
use clap::Args;
use jiff::tz::TimeZone;
use windlass_api_types::DeploymentStatus;

/// List deployments, newest first
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  windlass history\n  windlass history shop --environment production --status failed"
)]
pub(super) struct History {
    /// The project [default: that of this directory, or all]
    project: Option<String>,
    /// Only of this environment
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// Only in this status
    #[arg(long, value_name = "STATUS")]
    status: Option<DeploymentStatus>,
    /// How many
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
    limit: u16,
}

impl History {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let project = match self.project {
            Some(project) => Some(project),
            None if ProjectFile::find(None, None).is_ok() => Some(current_project("history shop")?),
            None => None,
        };
        let filter = DeploymentFilter {
            project: project.as_deref(),
            environment: self.environment.as_deref(),
            status: self.status,
            limit: Some(self.limit.into()),
            before: None,
        };
        let page = context.client().await?.deployments(&filter).await?;
        context.output.value(&page, |page| render_history(&page.deployments, &TimeZone::system()))?;
        if page.next.is_some() {
            context.output.note("there are more: raise --limit");
        }
        Ok(Exit::Done)
    }
}
