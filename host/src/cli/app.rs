//! `windlass app`: what runs in an environment, beyond its deployments.

use super::context::Context;
use super::reference::EnvironmentRef;
use super::render::style::{DIM, FAILURE, paint};
use super::{CliError, Exit};
use crate::client::{AppLogFilter, Client};
use clap::{Args, Subcommand};
use futures::stream::{SelectAll, StreamExt};
use std::collections::{BTreeMap, BTreeSet};
use windlass_api_types::app_log::AppLogLine;

/// Look at what runs in an environment
#[derive(Debug, Args)]
pub(super) struct App {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Logs(Logs),
}

/// Show what the live app writes, read from its targets
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass app logs shop/production
  windlass app logs production --target web-1 --tail 500 --follow

These are the logs of the containers and processes that the live deployments have started. They stay on the
targets; `windlass logs` shows what a deployment said.")]
struct Logs {
    /// Such as shop/production, or production within the project's directory
    environment: EnvironmentRef,
    /// Only of this target
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// The last lines of each log
    #[arg(long, value_name = "LINES", default_value_t = 100)]
    tail: u32,
    /// Go on with what is written from now on
    #[arg(long, short)]
    follow: bool,
}

impl App {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self.verb {
            Verb::Logs(logs) => logs.run(context).await,
        }
    }
}

impl Logs {
    async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let (project, environment) = self.environment.clone().resolve("app logs shop/production")?;
        let client = context.client().await?;
        let live = self.live(&client, &project, &environment).await?;
        let mut exit = Exit::Done;
        let mut print = |line: AppLogLine| -> Result<(), CliError> {
            if line.failure.is_some() {
                exit = Exit::Failed;
            }
            match context.output.is_json() {
                true => context.output.line(&line),
                false => context.output.text(&shown(&line)),
            }
        };
        if !self.follow {
            for (deployment, targets) in &live {
                for target in targets {
                    client.app_logs(deployment, &self.filter(target)).await?.into_iter().try_for_each(&mut print)?;
                }
            }
            return Ok(exit);
        }
        let mut streams = SelectAll::new();
        for (deployment, targets) in &live {
            for target in targets {
                streams.push(client.follow_app_logs(deployment, &self.filter(target)).await?.boxed());
            }
        }
        while let Some(line) = streams.next().await {
            print(line?)?;
        }
        Ok(exit)
    }

    fn filter(&self, target: &str) -> AppLogFilter {
        AppLogFilter { target: Some(target.to_owned()), tail: self.tail }
    }

    /// The live deployments with the targets that they are live on.
    async fn live(
        &self,
        client: &Client,
        project: &str,
        environment: &str,
    ) -> Result<BTreeMap<String, BTreeSet<String>>, CliError> {
        let found = client.project(project).await?;
        let Some(found) = found.environments.into_iter().find(|known| known.name == environment) else {
            let message = format!("the project {project} has no environment {environment}");
            return Err(CliError::usage(message, format!("windlass status {project} shows them")));
        };
        let mut live: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let here = found.live.into_iter().filter_map(|live| Some((live.deployment, live.target?)));
        for (deployment, target) in here.filter(|(_, target)| self.target.as_ref().is_none_or(|only| only == target)) {
            live.entry(deployment).or_default().insert(target);
        }
        if live.is_empty() {
            let place = self.target.as_ref().map(|target| format!(" on {target}")).unwrap_or_default();
            return Err(CliError::usage(
                format!("nothing is live in {project}/{environment}{place}"),
                format!("windlass status {project} shows what is live where"),
            ));
        }
        Ok(live)
    }
}

/// A line as people read it.
fn shown(line: &AppLogLine) -> String {
    let place = paint(DIM, &format!("{} {}", line.target, line.source));
    match &line.failure {
        Some(failure) => {
            let hint = failure.hint.as_ref().map(|hint| format!("\n  next: {hint}")).unwrap_or_default();
            format!("{place}  {} {}{hint}\n", paint(FAILURE, "error:"), failure.message)
        }
        None => format!("{place}  {}\n", line.text),
    }
}
