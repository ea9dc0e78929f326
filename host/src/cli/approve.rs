//! `windlass approve` and `windlass reject`: decide what a deployment waits for.

use super::context::Context;
use super::reference::{DeploymentRef, find_deployment};
use super::render::approval::{render_decided, render_question};
use super::render::plan::render_plan;
use super::{CliError, Exit, prompt};
use crate::client::Client;
use clap::Args;
use windlass_api_types::Decision;
use windlass_api_types::approval::{Approval, Decide};
use windlass_api_types::deployment::Deployment;

/// Approve what a deployment waits for; it goes on
#[derive(Debug, Args)]
#[command(after_help = "\
At a terminal the question is shown first, with the plan of a deployment that has not begun.
Any signed-in user may decide, once.

Examples:
  windlass approve shop#41
  windlass approve shop#41 --stage migrate --yes")]
pub(super) struct Approve {
    #[command(flatten)]
    meant: Meant,
    /// Do not ask at the terminal
    #[arg(long, short)]
    yes: bool,
}

/// Reject what a deployment waits for: the stage fails, or the deployment is canceled
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  windlass reject shop#41\n  windlass reject shop#41 --stage migrate")]
pub(super) struct Reject {
    #[command(flatten)]
    meant: Meant,
}

#[derive(Debug, Args)]
struct Meant {
    /// Such as shop#41 [default: the latest]
    deployment: Option<DeploymentRef>,
    /// The question of this stage, where several are open
    #[arg(long, value_name = "STAGE")]
    stage: Option<String>,
    /// The question with this key, where a stage asks several
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

impl Approve {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let client = context.client().await?;
        let meant = find_deployment(&client, self.meant.deployment.clone(), "approve").await?;
        if !self.yes && !context.output.is_json() && prompt::is_interactive() {
            let Some(question) = self.meant.question(&meant) else {
                return self.meant.decide(context, &client, &meant, Decision::Approved).await;
            };
            context.output.note(&shown(&client, &meant, question).await);
            if !prompt::confirm("Approve?")? {
                context.output.note(&format!("nothing was decided\n  next: windlass reject {}", meant.summary.label));
                return Ok(Exit::Canceled);
            }
        }
        self.meant.decide(context, &client, &meant, Decision::Approved).await
    }
}

impl Reject {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let client = context.client().await?;
        let meant = find_deployment(&client, self.meant.deployment.clone(), "reject").await?;
        self.meant.decide(context, &client, &meant, Decision::Rejected).await
    }
}

impl Meant {
    fn question<'a>(&self, deployment: &'a Deployment) -> Option<&'a Approval> {
        deployment.state.open_approvals().find(|approval| {
            self.stage.as_ref().is_none_or(|stage| approval.stage.as_ref() == Some(stage))
                && self.key.as_ref().is_none_or(|key| approval.key == *key)
        })
    }

    async fn decide(
        &self,
        context: &Context,
        client: &Client,
        meant: &Deployment,
        decision: Decision,
    ) -> Result<Exit, CliError> {
        let request = Decide { stage: self.stage.clone(), key: self.key.clone() };
        let decided = client.decide(meant.summary.id, &request, decision).await?;
        context.output.value(&decided, |decided| render_decided(decided, decision))?;
        Ok(Exit::Done)
    }
}

/// The question, and the plan of what would begin. A plan that cannot be made is no reason not to decide.
async fn shown(client: &Client, deployment: &Deployment, question: &Approval) -> String {
    let asked = render_question(&deployment.summary.label, question);
    if question.stage.is_some() {
        return asked;
    }
    match client.plan_of(deployment.summary.id).await {
        Ok(plan) => format!("{}\n{asked}", render_plan(&plan)),
        Err(error) => format!("there is no plan: {error}\n{asked}"),
    }
}
