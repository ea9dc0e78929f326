//! Commands: what is wished of a deployment that another server runs is sent to it; what others wish of those
//! that run here becomes events of theirs.

use super::stop::StopReason;
use super::{Engine, EngineError};
use crate::event::{AppendError, Durability, NewEvent, now};
use crate::lease::Lease;
use crate::store::{Command, CommandKind, DeploymentRecord, NewCommand};
use serde_json::Value;
use std::time::Duration;
use windlass_api_types::EventBody;

/// A word may be lost: look again after this long without one.
const POLL: Duration = Duration::from_secs(1);

impl Engine {
    /// Whether a deployment is another server's; that one may be dead, then whoever takes it over finds what is sent.
    pub(super) fn is_elsewhere(&self, record: &DeploymentRecord) -> bool {
        self.parts().store.is_shared() && record.owner.is_some() && !self.is_own(record)
    }

    /// Whether it is this server's.
    pub(super) fn is_own(&self, record: &DeploymentRecord) -> bool {
        let own = self.parts().lease.as_ref().map(|lease| lease.id().to_string());
        own.is_some() && record.owner == own
    }

    /// Sends a wish to the server that runs the deployment.
    pub(super) async fn send(
        &self,
        record: &DeploymentRecord,
        kind: CommandKind,
        data: Value,
        by: &str,
    ) -> Result<(), EngineError> {
        let summary = &record.summary;
        let command = NewCommand { deployment: summary.id, kind, data, by: by.into(), now: now() };
        match self.parts().events.send_command(&command).await? {
            Some(_) => Ok(()),
            None => {
                let ended = self.parts().store.deployment(summary.id).await?;
                let status = ended.map_or(summary.status, |ended| ended.summary.status);
                Err(EngineError::Ended { label: summary.label.clone(), status })
            }
        }
    }

    /// Does what other servers wish, until this one lets go of what runs here.
    pub(super) async fn run_commands(self, lease: Lease) {
        let mut told = self.parts().events.commands_told();
        loop {
            if let Err(error) = self.do_commands(&lease).await {
                tracing::warn!(%error, "commands cannot be read; it is tried again");
            }
            tokio::select! {
                // We hold the sender: it does not end.
                _ = told.changed() => {}
                () = tokio::time::sleep(POLL) => {}
                () = self.inner.handing_over.cancelled() => return,
            }
        }
    }

    async fn do_commands(&self, lease: &Lease) -> Result<(), EngineError> {
        let store = &self.parts().store;
        for command in store.commands_for(lease.id()).await? {
            let Some(record) = store.deployment(command.deployment).await? else { continue };
            let done = match command.kind {
                CommandKind::Cancel => self.cancel_for(&record, &command).await,
                CommandKind::Resolve => self.resolve_for(&record, &command).await,
            };
            match done {
                Ok(()) => {}
                // It is about to run here, or does not any more; or it was done before.
                Err(EngineError::Elsewhere { .. }) => {}
                Err(error) if error.is_taken() || error.is_fenced() => {}
                Err(error) => {
                    let (deployment, kind) = (&record.summary.label, command.kind);
                    tracing::warn!(deployment, %kind, %error, "another server's wish cannot be done");
                    store.discard_command(command.id).await?;
                }
            }
        }
        Ok(())
    }

    async fn cancel_for(&self, record: &DeploymentRecord, command: &Command) -> Result<(), EngineError> {
        let found =
            self.running().get(&record.summary.id).map(|running| (running.stop.clone(), running.appender.clone()));
        let Some((stop, appender)) = found else {
            let state = self.parts().store.deployment_state(record.summary.id).await?.unwrap_or_default();
            return match state.interruption.is_some() {
                true => self.end_idle(record, &command.by, Some(command.id)).await,
                false => Err(EngineError::Elsewhere { label: record.summary.label.clone() }),
            };
        };
        let elsewhere = || EngineError::Elsewhere { label: record.summary.label.clone() };
        let appender = appender.get().ok_or_else(elsewhere)?;
        let event = NewEvent::of_deployment(EventBody::CancelRequested { by: command.by.clone() });
        // Asked once for each command: a second time means that nobody waits.
        appender.commit(event.command(command.id), Durability::Full).await?;
        stop.ask(StopReason::Canceled { by: command.by.clone() });
        Ok(())
    }

    async fn resolve_for(&self, record: &DeploymentRecord, command: &Command) -> Result<(), EngineError> {
        let asked = serde_json::from_value(command.data.clone())?;
        self.resolve_here(record, &asked, &command.by, Some(command.id)).await
    }
}

impl EngineError {
    /// Whether the deployment's owner has changed meanwhile.
    pub(super) fn is_fenced(&self) -> bool {
        matches!(self, Self::Append(AppendError::Fenced))
    }

    /// Whether the command has become an event before.
    fn is_taken(&self) -> bool {
        matches!(self, Self::Append(AppendError::CommandTaken { .. }))
    }
}
