//! The logs of what a deployment has started and left running: they stay on the target, and are read from there.
//!
//! A stage says what it started by its outputs: `container` or `containers`, names of containers, and `log`, the
//! path of a file.

mod lines;

use super::{Engine, EngineError, address, inputs::PinnedInputs};
use crate::docker;
use crate::ssh::{Command, Connection, ExecRequest, Repeat};
use crate::store::DeploymentRecord;
use futures::{Stream, StreamExt};
use lines::{Lines, Text};
use serde_json::Value;
use std::collections::BTreeSet;
use std::pin::pin;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};
use windlass_api_types::app_log::AppLogLine;
use windlass_api_types::{DeploymentState, ErrorKind, Failure, RunMode, StageStatus};

/// Lines that wait for a slow reader.
const WAITING: usize = 4096;

/// What is read.
#[derive(Clone, Debug, Default)]
pub struct AppLogQuery {
    /// Only of this target.
    pub target: Option<String>,
    /// The last lines of each log.
    pub tail: u32,
    /// Go on with what is written from now on.
    pub follow: bool,
}

/// A log on a target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Source {
    target: String,
    place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Container(String),
    File(String),
}

impl Engine {
    /// The logs of what a deployment left running, line by line. Reading ends when the stream is dropped.
    ///
    /// # Errors
    /// The store's. What goes wrong on a target is a line of its own.
    pub async fn app_logs(
        &self,
        record: &DeploymentRecord,
        state: &DeploymentState,
        query: AppLogQuery,
    ) -> Result<impl Stream<Item = AppLogLine> + Send + use<>, EngineError> {
        let sources: Vec<Source> = sources(state)
            .into_iter()
            .filter(|source| query.target.as_ref().is_none_or(|target| *target == source.target))
            .collect();
        if sources.is_empty() {
            return Err(EngineError::Refused(nothing(&record.summary.label, query.target.as_deref())));
        }
        let parts = self.parts();
        let pinned: PinnedInputs = serde_json::from_value(record.inputs.clone())?;
        let masker = parts.vault.secrets(record.environment_id, &pinned.secrets).await?.masker();
        let targets = parts.store.targets().await?;
        let (lines, receiver) = mpsc::channel(WAITING);
        let cancel = CancellationToken::new();
        for source in sources {
            let to = Lines::new(lines.clone(), masker.clone(), source.clone(), query.follow);
            let Some(target) = targets.iter().find(|target| target.name == source.target) else {
                let message = format!("the target {} is no longer registered", source.target);
                let failure = Failure::new(ErrorKind::NotFound, "no-target", message);
                to.failed(failure.hint("register it: windlass target add")).await;
                continue;
            };
            let address = match address(target, &targets) {
                Ok(address) => address,
                Err(failure) => {
                    to.failed(failure).await;
                    continue;
                }
            };
            let (ssh, query, cancel) = (parts.ssh.clone(), query.clone(), cancel.clone());
            tokio::spawn(async move {
                let reading = async {
                    let connection = ssh.connect(&address).await.map_err(docker::EngineError::Ssh)?;
                    read(connection, &to, &query, &cancel).await
                };
                tokio::select! {
                    read = reading => if let Err(error) = read { to.failed(failure_of(error)).await },
                    () = cancel.cancelled() => {}
                }
            });
        }
        let ends = cancel.drop_guard();
        Ok(futures::stream::unfold((receiver, ends), next))
    }
}

async fn next(
    (mut receiver, ends): (mpsc::Receiver<AppLogLine>, DropGuard),
) -> Option<(AppLogLine, (mpsc::Receiver<AppLogLine>, DropGuard))> {
    let line = receiver.recv().await?;
    Some((line, (receiver, ends)))
}

/// What the outputs of a deployment's stage runs name, once each.
fn sources(state: &DeploymentState) -> BTreeSet<Source> {
    let done = state.runs.iter().filter(|run| run.mode == RunMode::Run && run.status == StageStatus::Succeeded);
    let mut sources = BTreeSet::new();
    for run in done {
        let (Some(target), Some(outputs)) = (&run.target, &run.outputs) else { continue };
        let text = |key: &str| outputs.get(key).and_then(Value::as_str).map(str::to_owned);
        let names = outputs.get("containers").and_then(Value::as_array).into_iter().flatten();
        let names = names.filter_map(|name| name.as_str().map(str::to_owned));
        let containers = text("container").into_iter().chain(names).map(Place::Container);
        let places = containers.chain(text("log").map(Place::File));
        sources.extend(places.map(|place| Source { target: target.clone(), place }));
    }
    sources
}

/// Why there is nothing to read.
fn nothing(label: &str, target: Option<&str>) -> Failure {
    let place = target.map(|target| format!(" on {target}")).unwrap_or_default();
    let message = format!("{label} has started nothing{place} whose log Windlass knows");
    Failure::new(ErrorKind::NotFound, "no-app-log", message)
        .hint("a stage names it by its outputs: `container`, `containers` or `log`")
}

fn failure_of(error: docker::EngineError) -> Failure {
    match error {
        docker::EngineError::Engine(failure) => failure,
        docker::EngineError::Ssh(error) => crate::capability::ssh_failure(error),
    }
}

async fn read(
    connection: Connection,
    to: &Lines,
    query: &AppLogQuery,
    cancel: &CancellationToken,
) -> Result<(), docker::EngineError> {
    match &to.source.place {
        Place::Container(name) => {
            let engine = docker::Engine::connect(connection, cancel).await?;
            let mut lines = pin!(engine.follow_log(name, query.tail, query.follow));
            while let Some(line) = lines.next().await {
                let line = line?;
                to.line(Some(line.at), line.stderr, &line.text).await;
            }
        }
        Place::File(path) => {
            let mut argv = vec!["tail".to_owned(), "-n".into(), query.tail.to_string()];
            argv.extend(query.follow.then(|| "-F".to_owned()));
            argv.extend(["--".to_owned(), path.clone()]);
            let request = ExecRequest::new(Command::Argv(argv), Repeat::Reads);
            let mut text = Text::new(to);
            let end = connection.exec(&request, &mut text, cancel).await?;
            let complaint = text.finish().await;
            if !end.exit.success() {
                return Err(unreadable(&to.source.target, path, &complaint).into());
            }
        }
    }
    Ok(())
}

fn unreadable(target: &str, path: &str, said: &str) -> Failure {
    Failure::new(ErrorKind::Failed, "app-log", format!("{target}: the log {path} cannot be read: {said}"))
        .hint("a later deployment may have removed it: windlass status says what is live")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use windlass_api_types::StageRunState;

    fn state(outputs: Value, status: StageStatus) -> DeploymentState {
        let run = json!({
            "id": "01960000-0000-7000-8000-000000000001", "stage": "run", "target": "web-1", "attempt": 1, "mode": "run",
            "plugin": "docker-run@0.1.0", "digest": "", "status": status, "started_at": 0, "ended_at": 1,
            "outputs": outputs, "effects": 0
        });
        let run: StageRunState = serde_json::from_value(run).unwrap();
        DeploymentState { runs: vec![run.clone(), run], ..DeploymentState::default() }
    }

    #[test]
    fn outputs_name_what_goes_on_once() {
        let outputs = json!({ "container": "shop", "containers": ["shop", "db"], "log": "shop/run/log", "id": "x" });
        let found: Vec<Place> =
            sources(&state(outputs.clone(), StageStatus::Succeeded)).into_iter().map(|source| source.place).collect();
        let container = |name: &str| Place::Container(name.into());
        assert_eq!(found, [container("db"), container("shop"), Place::File("shop/run/log".into())]);
        assert!(sources(&state(outputs, StageStatus::Failed)).is_empty());
    }

    #[test]
    fn what_has_no_log_is_told() {
        let failure = nothing("shop#1", Some("web-1"));
        assert_eq!(failure.message, "shop#1 has started nothing on web-1 whose log Windlass knows");
    }
}
