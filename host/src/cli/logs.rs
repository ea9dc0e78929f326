//! `windlass logs`: what a deployment said.

use super::context::Context;
use super::reference::{DeploymentRef, find_deployment};
use super::render::event::{log_line, run_of};
use super::{CliError, Exit};
use crate::client::follow::{Followed, Follower};
use crate::client::{Client, ClientError, LogFilter};
use clap::Args;
use jiff::tz::TimeZone;
use windlass_api_types::deployment::Deployment;
use windlass_api_types::{DeploymentState, DeploymentStatus, Event, EventBody, Level};

/// Show the log of a deployment
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass logs                                       the latest of this directory's project
  windlass logs shop#41 --stage healthy --level debug
  windlass logs shop --follow

With --json each line is an event as the API has it: JSON lines.")]
pub(super) struct Logs {
    /// Such as shop#41, or shop for its latest [default: the latest]
    deployment: Option<DeploymentRef>,
    /// Only of this stage
    #[arg(long, value_name = "STAGE")]
    stage: Option<String>,
    /// Only of this target
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// The least level: debug, info, warning or error
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    level: Level,
    /// Go on until the deployment has ended
    #[arg(long, short)]
    follow: bool,
}

impl Logs {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let client = context.client().await?;
        let deployment = find_deployment(&client, self.deployment.clone(), "logs").await?;
        if let Some(stage) = &self.stage {
            check_stage(&deployment, stage)?;
        }
        if self.follow {
            self.follow(context, &client, &deployment).await
        } else {
            self.read(context, &client, &deployment).await
        }
    }

    /// What there is by now.
    async fn read(&self, context: &Context, client: &Client, deployment: &Deployment) -> Result<Exit, CliError> {
        let filter = LogFilter { stage: self.stage.as_deref(), level: Some(self.level) };
        let (mut after, mut printed) = (0, 0);
        loop {
            let page = client.logs(deployment.summary.id, &filter, after).await?;
            for event in &page.events {
                printed += self.print(context, event, &deployment.state)?;
            }
            match page.next {
                Some(next) if next > after => after = next,
                _ => break,
            }
        }
        self.tell_if_empty(context, deployment, printed);
        Ok(Exit::Done)
    }

    /// From the first line on, until the deployment has ended. Ctrl-C ends the command, as it does any reader.
    async fn follow(&self, context: &Context, client: &Client, deployment: &Deployment) -> Result<Exit, CliError> {
        let mut follower = Follower::new(client.clone(), deployment.summary.id, 0);
        let mut state = DeploymentState::default();
        let mut printed = 0;
        loop {
            match follower.next().await? {
                Followed::Events(events) => {
                    for event in &events {
                        state.apply(event).map_err(|error| ClientError::Malformed {
                            place: client.place().to_owned(),
                            reason: error.to_string(),
                        })?;
                        printed += self.print(context, event, &state)?;
                    }
                }
                Followed::Reconnecting(error) => context.output.warn(&format!("{error}; trying again")),
                Followed::Ended => {
                    self.tell_if_empty(context, deployment, printed);
                    return Ok(state.status.unwrap_or(DeploymentStatus::Queued).into());
                }
            }
        }
    }

    /// Answers how many lines it has printed.
    fn print(&self, context: &Context, event: &Event, state: &DeploymentState) -> Result<usize, CliError> {
        if !self.wants(event, state) {
            return Ok(0);
        }
        if context.output.is_json() {
            return context.output.line(event).map(|()| 1);
        }
        match log_line(event, state, &TimeZone::system()) {
            Some(line) => context.output.text(&format!("{line}\n")).map(|()| 1),
            None => Ok(0),
        }
    }

    fn tell_if_empty(&self, context: &Context, deployment: &Deployment, printed: usize) {
        if printed == 0 {
            context.output.note(&self.nothing(&deployment.summary.label));
        }
    }

    /// What there is none of.
    fn nothing(&self, label: &str) -> String {
        let mut text = match &self.stage {
            Some(stage) => format!("no log lines of stage `{stage}`"),
            None => format!("no log lines of {label}"),
        };
        if let Some(target) = &self.target {
            text.push_str(&format!(" on {target}"));
        }
        if self.level > Level::Info {
            text.push_str(&format!(" that are at least {}s", self.level));
        }
        text
    }

    fn wants(&self, event: &Event, state: &DeploymentState) -> bool {
        let level = match event.body {
            EventBody::LogWritten { .. } => event.level.unwrap_or(Level::Info) >= self.level,
            EventBody::StepStarted { .. } | EventBody::ProbeAttempted { .. } => Level::Info >= self.level,
            // It has a level where it failed.
            EventBody::StageRunEnded { .. } => event.level.is_some_and(|level| level >= self.level),
            _ => false,
        };
        let run = run_of(event, state);
        let stage = self.stage.as_ref().is_none_or(|stage| run.is_some_and(|run| run.stage == *stage));
        let target =
            self.target.as_ref().is_none_or(|target| run.is_some_and(|run| run.target.as_ref() == Some(target)));
        level && stage && target
    }
}

fn check_stage(deployment: &Deployment, stage: &str) -> Result<(), CliError> {
    let stages = &deployment.state.stages;
    if stages.is_empty() || stages.iter().any(|known| known.planned.id == stage) {
        return Ok(());
    }
    let known: Vec<&str> = stages.iter().map(|stage| stage.planned.id.as_str()).collect();
    Err(CliError::usage(
        format!("{} has no stage `{stage}`", deployment.summary.label),
        format!("its stages are: {}", known.join(", ")),
    ))
}

#[cfg(test)]
mod tests {
    use super::super::render::sample::{Record, run_id};
    use super::*;
    use windlass_api_types::RunMode;

    fn logs() -> Logs {
        Logs { deployment: None, stage: None, target: None, level: Level::Info, follow: false }
    }

    fn seen(logs: &Logs) -> Vec<String> {
        let mut record = Record::of(&["upload"]);
        for (run, target) in [(1, "web-1"), (2, "web-2")] {
            record.start(run, "upload", target, RunMode::Run);
            for level in [Level::Debug, Level::Error] {
                let body = EventBody::LogWritten { ordinal: Some(0), effect: None, stream: None };
                record.add(Some(run_id(run)), &format!("{target} {level}"), body);
                record.events.last_mut().unwrap().level = Some(level);
            }
        }
        let state = record.state();
        record.events.iter().filter(|event| logs.wants(event, &state)).map(|event| event.message.clone()).collect()
    }

    #[test]
    fn lines_are_chosen_by_level_stage_and_target() {
        assert_eq!(seen(&logs()), ["web-1 error", "web-2 error"]);
        assert_eq!(seen(&Logs { level: Level::Debug, ..logs() }).len(), 4);
        assert_eq!(seen(&Logs { target: Some("web-2".into()), ..logs() }), ["web-2 error"]);
        assert_eq!(seen(&Logs { stage: Some("healthy".into()), ..logs() }), [""; 0]);
    }

    #[test]
    fn an_empty_log_says_what_there_is_none_of() {
        assert_eq!(logs().nothing("shop#41"), "no log lines of shop#41");
        let stage = Logs { stage: Some("healthy".into()), ..logs() };
        assert_eq!(stage.nothing("shop#41"), "no log lines of stage `healthy`");
        let all = Logs { target: Some("web-2".into()), level: Level::Warning, ..stage };
        assert_eq!(all.nothing("shop#41"), "no log lines of stage `healthy` on web-2 that are at least warnings");
    }

    #[test]
    fn an_unknown_stage_is_told_with_those_there_are() {
        let error = check_stage(&Record::of(&["upload", "healthy"]).deployment(), "helthy").unwrap_err();
        assert_eq!(error.to_string(), "shop#41 has no stage `helthy`");
        assert_eq!(error.hint().unwrap(), "its stages are: upload, healthy");
    }
}
