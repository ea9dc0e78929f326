//! `windlass plan`: what a deployment would do.

use super::context::Context;
use super::deploy::{Delivery, explain};
use super::render::plan::render_plan;
use super::{CliError, Exit};
use clap::Args;

/// Show what a deployment would do, and change nothing
#[derive(Debug, Args)]
#[command(after_help = "\
Every effect is a line: `~` would change something, `=` only reads and was performed to know
its answer, `?` would read what does not exist yet. What follows an assumed answer is marked
(simulated).

Example:
  windlass plan ./build --to production")]
pub(super) struct Plan {
    #[command(flatten)]
    delivery: Delivery,
}

impl Plan {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let request = self.delivery.request(context).await?;
        let plan = context.client().await?.plan(&request).await.map_err(|error| explain(error, &request))?;
        context.output.value(&plan, render_plan)?;
        Ok(if plan.failure.is_none() && plan.missing.is_empty() { Exit::Done } else { Exit::Failed })
    }
}
