//! `windlass status`: what is live where, or how one deployment stands.

use super::context::Context;
use super::holder::holders;
use super::project_file::{ProjectFile, current_project};
use super::reference::{DeploymentRef, find_deployment};
use super::render::deployment::render_deployment;
use super::render::project::{render_project, render_projects};
use super::render::server::render_servers;
use super::{CliError, Exit};
use crate::client::Client;
use clap::Args;
use jiff::tz::TimeZone;

/// Show what is live where, or how a deployment stands
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  windlass status           this directory's project, or all\n  windlass status shop\n  windlass status shop#41"
)]
pub(super) struct Status {
    /// A project or a deployment
    subject: Option<DeploymentRef>,
}

impl Status {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let zone = TimeZone::system();
        let project = match self.subject {
            Some(DeploymentRef::Latest { project }) => Some(project),
            Some(deployment) => {
                let deployment = find_deployment(&context.client().await?, Some(deployment), "status").await?;
                context.output.value(&deployment, |deployment| render_deployment(deployment, &zone))?;
                return Ok(Exit::Done);
            }
            None if ProjectFile::find(None, None).is_ok() => Some(current_project("status shop")?),
            None => None,
        };
        let client = context.client().await?;
        match project {
            Some(name) => {
                let project = client.project(&name).await?;
                let holders = holders(&client, Some(&name), None).await?;
                context.output.value(&project, |project| render_project(project, &holders, &zone))?;
                tell_servers(context, &client, &zone).await?;
            }
            None => {
                let projects = client.projects().await?;
                let holders = holders(&client, None, None).await?;
                context.output.value(&projects, |projects| render_projects(projects, &holders, &zone))?;
                tell_servers(context, &client, &zone).await?;
            }
        }
        Ok(Exit::Done)
    }
}

/// Shows the servers where there are several; JSON has them at `/servers`.
async fn tell_servers(context: &Context, client: &Client, zone: &TimeZone) -> Result<(), CliError> {
    if context.output.is_json() {
        return Ok(());
    }
    context.output.text(&render_servers(&client.servers().await?, zone))
}
