//! `windlass effects`: everything a deployment did.

use super::context::Context;
use super::reference::{DeploymentRef, find_deployment};
use super::render::effects::render_effects;
use super::{CliError, Exit};
use clap::Args;

/// List everything a deployment did, call by call
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  windlass effects shop#41\n  windlass effects shop#41 --json   arguments and answers whole"
)]
pub(super) struct Effects {
    /// Such as shop#41 [default: the latest]
    deployment: Option<DeploymentRef>,
}

impl Effects {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let client = context.client().await?;
        let deployment = find_deployment(&client, self.deployment, "effects").await?;
        let effects = client.effects(deployment.summary.id).await?;
        context.output.value(&effects, |effects| render_effects(effects))?;
        Ok(Exit::Done)
    }
}
