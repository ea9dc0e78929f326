//! `windlass resolve`: says what became of an effect that nobody but a person can know of.

use super::context::Context;
use super::reference::{DeploymentRef, find_deployment};
use super::{CliError, Exit};
use clap::{ArgGroup, Args};
use windlass_api_types::Resolution;
use windlass_api_types::deployment::{Deployment, ResolveEffect};

/// Say what became of an effect whose outcome is not known; the deployment goes on
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("resolution").required(true),
    after_help = "\
A deployment is interrupted where the server or the connection was lost in the middle of an effect that may not
be performed twice, and the target cannot tell whether it happened. `windlass status` shows which; look at the
target, then say.

Examples:
  windlass resolve shop#41 --done              it happened, and all is well: go on behind it
  windlass resolve shop#41 --retry             it did not happen: perform it
  windlass resolve shop#41 --fail --stage migrate"
)]
pub(super) struct Resolve {
    /// Such as shop#41 [default: the latest]
    deployment: Option<DeploymentRef>,
    /// Perform it again
    #[arg(long, group = "resolution")]
    retry: bool,
    /// It happened, and all is well
    #[arg(long, group = "resolution")]
    done: bool,
    /// It failed
    #[arg(long, group = "resolution")]
    fail: bool,
    /// The stage, where several are interrupted
    #[arg(long, value_name = "STAGE")]
    stage: Option<String>,
    /// The target, where the stage is interrupted on several
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
}

impl Resolve {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let client = context.client().await?;
        let meant = find_deployment(&client, self.deployment, "resolve").await?;
        let resolution = match (self.retry, self.done) {
            (true, _) => Resolution::Retry,
            (_, true) => Resolution::Done,
            _ => Resolution::Fail,
        };
        let request = ResolveEffect { resolution, stage: self.stage, target: self.target };
        let deployment = client.resolve(&meant.summary.id.to_string(), &request).await?;
        context.output.value(&deployment, render)?;
        Ok(Exit::Done)
    }
}

fn render(deployment: &Deployment) -> String {
    let label = &deployment.summary.label;
    format!("{label} goes on\n  next: windlass logs {label} --follow\n")
}
