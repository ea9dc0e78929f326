//! Deploys a version of the app and shows how it goes: a line for each stage, with the time it took.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use windlass_api_types::deployment::{CreateDeployment, Deployment};
use windlass_api_types::{
    DeploymentState, DeploymentStatus, Event, EventBody, IllegalEvent, RunMode, StageRunState, StageStatus,
};

use super::error::DemoError;
use super::load::Load;
use super::screen::Screen;
use super::world::{ENVIRONMENT, World};
use crate::cli::render::style::{self, DIM, paint};
use crate::cli::render::text::first_line;
use crate::cli::render::{event, time};
use crate::client::follow::{Followed, Follower};
use crate::client::{Client, ClientError};

/// The name of the only artifact, as the template `process` expects it.
const ARTIFACT: &str = "app";
/// How often the line about what goes on is renewed.
const TICK: Duration = Duration::from_millis(100);
/// Batches of events that wait to be shown. The stream waits meanwhile.
const WAITING_BATCHES: usize = 16;

impl World {
    /// Uploads a version and starts its deployment.
    pub(super) async fn create(&self, version: &str) -> Result<Deployment, DemoError> {
        let stored = self.client.upload_artifact(self.hello.archive(version)?.into()).await?;
        let request = CreateDeployment {
            config: self.hello.config.clone(),
            environment: ENVIRONMENT.into(),
            artifacts: BTreeMap::from([(ARTIFACT.into(), stored.digest)]),
            release: None,
            only: Vec::new(),
            commit: None,
        };
        Ok(self.client.create_deployment(&request).await?)
    }

    /// Deploys a version and shows it to its end, however it ends.
    pub(super) async fn deploy(
        &self,
        version: &str,
        screen: &Screen,
        load: Option<&Load>,
    ) -> Result<Deployment, DemoError> {
        let deployment = self.create(version).await?;
        let ended = self.follow(&deployment, screen, load, |_, _| false).await?;
        Ok(ended.unwrap_or(deployment))
    }

    /// Shows a deployment until it has ended, or until `reached` says so of an event: then it goes on, and
    /// nothing is answered.
    pub(super) async fn follow(
        &self,
        deployment: &Deployment,
        screen: &Screen,
        load: Option<&Load>,
        mut reached: impl FnMut(&Event, &DeploymentState) -> bool,
    ) -> Result<Option<Deployment>, DemoError> {
        let (mut followed, _reader) = read(self.client.clone(), deployment);
        let mut state = DeploymentState::default();
        let mut tick = tokio::time::interval(TICK);
        loop {
            let next = tokio::select! {
                next = followed.recv() => next,
                _ = tick.tick() => {
                    screen.status(&doing(&state, load));
                    continue;
                }
            };
            match next {
                Some(Ok(Followed::Events(events))) => {
                    for event in events {
                        state.apply(&event).map_err(|error| malformed(&self.client, &error))?;
                        show(&event, &state, screen);
                        if reached(&event, &state) {
                            return Ok(None);
                        }
                    }
                }
                Some(Ok(Followed::Reconnecting(error))) => screen.note(&format!("{error}; trying again")),
                Some(Err(error)) => return Err(error.into()),
                Some(Ok(Followed::Ended)) | None => {
                    let ended = self.client.deployment(&deployment.summary.id.to_string()).await?;
                    return Ok(Some(ended));
                }
            }
        }
    }

    /// What became of a deployment that was expected to succeed.
    pub(super) fn succeeded(&self, deployment: &Deployment, screen: &Screen) -> Result<(), DemoError> {
        let summary = &deployment.summary;
        if summary.status == DeploymentStatus::Succeeded {
            let took = time::between(summary.started_at, summary.ended_at).map(time::took).unwrap_or_default();
            screen.line(&format!("  {} succeeded in {took}", summary.label));
            return Ok(());
        }
        let failure = summary.failure.as_ref().map(|failure| failure.message.clone()).unwrap_or_default();
        let outcome = match &summary.failed_stage {
            Some(stage) => format!("{} in stage `{stage}`", summary.status),
            None => summary.status.to_string(),
        };
        Err(DemoError::Deployment { label: summary.label.clone(), outcome, reason: failure, page: self.page(summary) })
    }
}

/// Reads the events in a task of its own, which ends when it is dropped: a follower wants to be left alone
/// while it connects.
fn read(client: Client, deployment: &Deployment) -> (mpsc::Receiver<Result<Followed, ClientError>>, JoinSet<()>) {
    let mut follower = Follower::new(client, deployment.summary.id, 0);
    let (sender, receiver) = mpsc::channel(WAITING_BATCHES);
    let mut reader = JoinSet::new();
    reader.spawn(async move {
        loop {
            let next = follower.next().await;
            let is_last = matches!(next, Ok(Followed::Ended) | Err(_));
            if sender.send(next).await.is_err() || is_last {
                return;
            }
        }
    });
    (receiver, reader)
}

fn malformed(client: &Client, error: &IllegalEvent) -> ClientError {
    ClientError::Malformed { place: client.place().to_owned(), reason: error.to_string() }
}

fn show(event: &Event, state: &DeploymentState, screen: &Screen) {
    match &event.body {
        EventBody::StageRunEnded { .. } => {
            if let Some(run) = event::run_of(event, state) {
                screen.line(&ended(run, width(state)));
            }
        }
        EventBody::StageSkipped { stage, .. } => {
            screen.line(&paint(DIM, &format!("  – {stage:<width$}  skipped", width = width(state))));
        }
        EventBody::DeploymentInterrupted { reason } => screen.note(&first_line(reason)),
        _ => {}
    }
}

/// `  ✓ healthy       1.2 s`, with what it says of itself where it did not succeed.
fn ended(run: &StageRunState, width: usize) -> String {
    let (symbol, color) = style::stage(run.status);
    let took = time::between(Some(run.started_at), run.ended_at).map(time::took).unwrap_or_default();
    let line = format!("  {} {:<width$}  {took:>8}", paint(color, symbol), name(run));
    let said = match (&run.failure, run.status) {
        (Some(failure), _) => first_line(&failure.message),
        (None, StageStatus::Succeeded) => return line,
        (None, status) => status.to_string(),
    };
    format!("{line}  {said}")
}

fn name(run: &StageRunState) -> String {
    match run.mode {
        RunMode::Run => run.stage.clone(),
        RunMode::Undo => format!("undo {}", run.stage),
    }
}

/// As wide as the longest stage, undone.
fn width(state: &DeploymentState) -> usize {
    let names = state.stages.iter().map(|stage| stage.planned.id.chars().count());
    names.max().unwrap_or_default() + "undo ".len()
}

/// What goes on in this moment, for the line that changes.
fn doing(state: &DeploymentState, load: Option<&Load>) -> String {
    let running = state.open_runs().next();
    let stage = running.map_or_else(|| "waiting".to_owned(), name);
    let mut text = format!("  ● {stage:<width$}", width = width(state));
    if let Some(load) = load {
        let counts = load.counts();
        text.push_str(&format!("  {} requests, {} failed", counts.requests, counts.failed));
    }
    text
}

#[cfg(test)]
mod tests {
    use windlass_api_types::{ErrorKind, Failure, StageRunId};

    use super::*;

    fn run(mode: RunMode, status: StageStatus, failure: Option<Failure>) -> StageRunState {
        StageRunState {
            id: StageRunId::new(),
            stage: "healthy".into(),
            target: Some("demo".into()),
            attempt: 1,
            mode,
            plugin: "http-health@1.0.0".into(),
            digest: String::new(),
            status,
            started_at: 1_000,
            ended_at: Some(3_400),
            outputs: None,
            failure,
            failed_by: None,
            will_retry: false,
            step: None,
            progress: None,
            checkpoint: None,
            effects: 0,
            changed: false,
            suspended: None,
            open_effect: None,
        }
    }

    fn plain(run: &StageRunState) -> String {
        anstream::adapter::strip_str(&ended(run, 12)).to_string()
    }

    #[test]
    fn a_stage_is_a_line_with_its_time() {
        assert_eq!(plain(&run(RunMode::Run, StageStatus::Succeeded, None)), "  ✓ healthy          2.4 s");
        assert_eq!(plain(&run(RunMode::Undo, StageStatus::Canceled, None)), "  ⊘ undo healthy     2.4 s  canceled");
        let failure = Failure::new(ErrorKind::Failed, "unhealthy", "10/10: GET :20001/health → 503\napp: no database");
        assert_eq!(
            plain(&run(RunMode::Run, StageStatus::Failed, Some(failure))),
            "  ✗ healthy          2.4 s  10/10: GET :20001/health → 503"
        );
    }
}
