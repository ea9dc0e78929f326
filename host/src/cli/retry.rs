//! `windlass retry`: the same deployment again.

use super::context::Context;
use super::reference::{DeploymentRef, find_deployment};
use super::{CliError, Exit, follow};
use clap::Args;
use windlass_api_types::deployment::CreateRetry;

/// Deploy again what a deployment delivered, with the same variables, secrets and plugins
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass retry shop#41
  windlass retry shop#41 --from-failed   what it did, and what was not undone, is not done again
  windlass deploy ./build --to production   a new release with what is set now")]
pub(super) struct Retry {
    /// Such as shop#41 [default: the latest]
    deployment: Option<DeploymentRef>,
    /// Skip the stages that passed and were not undone
    #[arg(long)]
    from_failed: bool,
    /// Do not wait for its end
    #[arg(long)]
    detach: bool,
}

impl Retry {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        follow::check_detach(context, self.detach).await?;
        let client = context.client().await?;
        let meant = find_deployment(&client, self.deployment, "retry").await?;
        let request = CreateRetry { from_failed: self.from_failed };
        let deployment = client.create_retry(&meant.summary.id.to_string(), &request).await?;
        follow::follow(context, deployment, self.detach).await
    }
}
