//! Follows a deployment to its end, showing its progress, and says how it ended.

mod live;
mod plain;

use super::context::Context;
use super::holder::{holders, waits_for};
use super::render::failure::render_result;
use super::{CliError, Exit, Signals};
use crate::client::follow::{Followed, Follower};
use crate::client::{Client, ClientError};
use jiff::tz::TimeZone;
use live::Live;
use plain::Plain;
use std::time::{Duration, Instant};
use windlass_api_types::deployment::Deployment;
use windlass_api_types::{DeploymentState, DeploymentStatus, Event, EventBody};

/// How often the live view moves: often enough to look alive.
const TICK: Duration = Duration::from_millis(120);
/// What has not started after this long waits for something, and says for what.
const AT_ONCE: Duration = Duration::from_millis(500);

/// Follows a deployment that was just created, or not if `detach`.
pub(super) async fn follow(context: &Context, deployment: Deployment, detach: bool) -> Result<Exit, CliError> {
    let output = context.output;
    if detach {
        output.value(&deployment, |deployment| format!("{}\n", deployment.summary.label))?;
        output.note(&how_to_go_on(&deployment.summary.label));
        return Ok(Exit::Done);
    }
    let connection = context.connection().await?;
    let client = connection.client().clone();
    let mut following = Following {
        client: &client,
        in_process: connection.is_in_process(),
        context,
        deployment: &deployment,
        state: DeploymentState::default(),
        view: View::new(context, &deployment.summary.label),
        queued_at: Instant::now(),
        told_holder: false,
        cancel_requested: false,
    };
    if let Some(exit) = following.run().await? {
        return Ok(exit);
    }
    let ended = connection.client().deployment(&deployment.summary.id.to_string()).await?;
    match output.value(&ended, render_result) {
        // Whoever reads the exit code still wants the deployment's.
        Ok(()) | Err(CliError::OutputClosed) => Ok(ended.summary.status.into()),
        Err(error) => Err(error),
    }
}

/// `--detach` is for servers: an engine in this process ends with it. Checked before anything is created.
pub(super) async fn check_detach(context: &Context, detach: bool) -> Result<(), CliError> {
    if detach && context.connection().await?.is_in_process() {
        return Err(CliError::usage(
            "--detach needs a server: without one, the deployment runs in this process",
            "start one on the same data with `windlass serve`, or leave --detach out",
        ));
    }
    Ok(())
}

fn how_to_go_on(label: &str) -> String {
    format!("  follow it: windlass logs {label} --follow | cancel it: windlass cancel {label}")
}

struct Following<'a> {
    client: &'a Client,
    in_process: bool,
    context: &'a Context,
    deployment: &'a Deployment,
    state: DeploymentState,
    view: View,
    queued_at: Instant,
    /// Whether it was asked and said what the deployment waits for.
    told_holder: bool,
    cancel_requested: bool,
}

impl Following<'_> {
    /// Runs until the deployment has ended or hangs; an exit code means that following ended before it did.
    async fn run(&mut self) -> Result<Option<Exit>, CliError> {
        let mut follower = Follower::new(self.client.clone(), self.deployment.summary.id, 0);
        let mut signals = Signals::listen().map_err(|error| {
            CliError::usage(format!("cannot listen for signals: {error}"), "run it with --detach on a server")
        })?;
        let mut tick = tokio::time::interval(TICK);
        loop {
            let followed = {
                let next = follower.next();
                tokio::pin!(next);
                loop {
                    tokio::select! {
                        followed = &mut next => break followed,
                        _ = tick.tick() => {
                            self.tell_holder().await?;
                            self.show(|view, state| view.draw(state))?;
                        }
                        () = signals.next() => if let Some(exit) = self.interrupted().await? {
                            return Ok(Some(exit));
                        },
                    }
                }
            };
            match followed.inspect_err(|_| self.view.end())? {
                Followed::Events(events) => {
                    self.take(&events)?;
                    if self.hangs().await? {
                        break;
                    }
                }
                Followed::Reconnecting(error) => {
                    let note = format!("{error}; trying again");
                    self.show(|view, state| view.note(&note, state))?;
                }
                Followed::Ended => break,
            }
        }
        self.view.end();
        Ok(None)
    }

    fn take(&mut self, events: &[Event]) -> Result<(), CliError> {
        for event in events {
            self.state.apply(event).map_err(|error| ClientError::Malformed {
                place: self.client.place().to_owned(),
                reason: error.to_string(),
            })?;
            self.show(|view, state| view.event(event, state))?;
            if matches!(event.body, EventBody::ApprovalRequested { .. }) {
                let label = &self.deployment.summary.label;
                let note = format!("decide it: windlass approve {label} | windlass reject {label}");
                self.show(|view, state| view.note(&note, state))?;
            }
        }
        self.show(|view, state| view.draw(state))
    }

    /// Says once what the deployment waits for, where it was queued and did not start at once.
    async fn tell_holder(&mut self) -> Result<(), CliError> {
        let queued = self.state.status == Some(DeploymentStatus::Queued);
        if self.told_holder || !queued || self.queued_at.elapsed() < AT_ONCE {
            return Ok(());
        }
        self.told_holder = true;
        let summary = &self.deployment.summary;
        // It is good to know and no more: following has its own way with a server that is away.
        let found = holders(self.client, Some(&summary.project), Some(&summary.environment)).await.unwrap_or_default();
        let Some(holder) = found.into_iter().find(|holder| holder.id != summary.id) else { return Ok(()) };
        let note = waits_for(&holder, &TimeZone::system());
        self.show(|view, state| view.note(&note, state))
    }

    /// Whether the deployment was interrupted and still is: nothing will happen until a person acts.
    async fn hangs(&self) -> Result<bool, CliError> {
        if self.state.status != Some(DeploymentStatus::Interrupted) {
            return Ok(false);
        }
        let now = self.client.deployment(&self.deployment.summary.id.to_string()).await?;
        Ok(now.summary.status == DeploymentStatus::Interrupted)
    }

    /// Shows something. Where the engine is in this process, a reader that went away (`| head`) must not end
    /// the deployment with it.
    fn show(&mut self, show: impl FnOnce(&mut View, &DeploymentState) -> Result<(), CliError>) -> Result<(), CliError> {
        match show(&mut self.view, &self.state) {
            Err(CliError::OutputClosed) if self.in_process => {
                self.view = View::Quiet;
                Ok(())
            }
            result => result,
        }
    }

    /// Ctrl-C, SIGTERM or a terminal that was closed: leaves a server to its work; asks an engine in this process to cancel, and the second time ends it.
    async fn interrupted(&mut self) -> Result<Option<Exit>, CliError> {
        let label = &self.deployment.summary.label;
        if !self.in_process {
            self.view.end();
            self.context.output.note(&format!("{label} goes on without you"));
            self.context.output.note(&how_to_go_on(label));
            return Ok(Some(Exit::Unknown));
        }
        if self.cancel_requested {
            self.view.end();
            self.context.output.warn(&format!(
                "ended in the middle of {label}; it will be shown as interrupted: windlass status {label}"
            ));
            self.context.connection().await?.abandon();
            return Ok(Some(Exit::Unknown));
        }
        self.cancel_requested = true;
        let note = match self.client.cancel(&self.deployment.summary.id.to_string()).await {
            Ok(_) => format!("canceling {label}, which undoes what it can; Ctrl-C again ends at once"),
            Err(error) => format!("{error}; Ctrl-C again ends at once"),
        };
        self.show(|view, state| view.note(&note, state))?;
        Ok(None)
    }
}

/// How progress is shown.
enum View {
    /// Not at all: with `--json`, or where nobody reads any more.
    Quiet,
    /// A line an event.
    Plain(Plain),
    /// Lines that change, on a terminal.
    Live(Box<Live>),
}

impl View {
    fn new(context: &Context, label: &str) -> Self {
        let output = context.output;
        if output.is_json() {
            Self::Quiet
        } else if output.is_live() {
            Self::Live(Box::new(Live::new(output, label)))
        } else {
            Self::Plain(Plain::new(output, TimeZone::system()))
        }
    }

    fn event(&mut self, event: &Event, state: &DeploymentState) -> Result<(), CliError> {
        match self {
            Self::Quiet => Ok(()),
            Self::Plain(plain) => plain.event(event, state),
            Self::Live(live) => {
                live.event(event, state);
                Ok(())
            }
        }
    }

    fn draw(&mut self, state: &DeploymentState) -> Result<(), CliError> {
        match self {
            Self::Quiet | Self::Plain(_) => Ok(()),
            Self::Live(live) => live.draw(state),
        }
    }

    fn note(&mut self, text: &str, state: &DeploymentState) -> Result<(), CliError> {
        match self {
            Self::Quiet => Ok(()),
            Self::Plain(plain) => plain.note(text),
            Self::Live(live) => {
                live.note(text);
                live.draw(state)
            }
        }
    }

    /// Leaves the terminal as it should be for what is printed next.
    fn end(&mut self) {
        if let Self::Live(live) = self {
            live.end();
        }
    }
}
