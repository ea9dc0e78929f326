//! `windlass cancel`: ends a deployment that runs, waits or hangs.

use super::context::Context;
use super::reference::{DeploymentRef, find_deployment};
use super::{CliError, Exit};
use clap::Args;
use windlass_api_types::deployment::Deployment;

/// Cancel a deployment; what it did before its pivot is undone
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  windlass cancel shop#41\n  windlass cancel         the latest of this directory's project"
)]
pub(super) struct Cancel {
    /// Such as shop#41 [default: the latest]
    deployment: Option<DeploymentRef>,
}

impl Cancel {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let client = context.client().await?;
        let meant = find_deployment(&client, self.deployment, "cancel").await?;
        let deployment = client.cancel(&meant.summary.id.to_string()).await?;
        context.output.value(&deployment, render)?;
        Ok(Exit::Done)
    }
}

fn render(deployment: &Deployment) -> String {
    let label = &deployment.summary.label;
    if deployment.summary.status.is_terminal() {
        return format!("{label} is {}\n", deployment.summary.status);
    }
    format!("{label} is asked to cancel\n  next: windlass logs {label} --follow\n")
}
