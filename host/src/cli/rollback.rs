//! `windlass rollback`: an older release, with current variables.

use super::context::Context;
use super::reference::project_or_current;
use super::{CliError, Exit, follow};
use clap::Args;
use windlass_api_types::deployment::CreateRollback;

/// Deploy an older release again
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass rollback shop --to production                             the one that was live before
  windlass rollback shop --to production --release 20260305-143022")]
pub(super) struct Rollback {
    /// The project [default: that of this directory]
    project: Option<String>,
    /// The environment
    #[arg(long, value_name = "ENVIRONMENT")]
    to: String,
    /// The release [default: the one that was live before the current one]
    #[arg(long, value_name = "LABEL")]
    release: Option<String>,
    /// Do not wait for its end
    #[arg(long)]
    detach: bool,
}

impl Rollback {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let project = project_or_current(self.project, &format!("rollback shop --to {}", self.to))?;
        follow::check_detach(context, self.detach).await?;
        let request = CreateRollback { project, environment: self.to, release: self.release };
        let deployment = context.client().await?.create_rollback(&request).await?;
        follow::follow(context, deployment, self.detach).await
    }
}
