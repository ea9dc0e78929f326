//! Commands: what is wished of a deployment that runs on another server, or that nobody runs yet. They wait in the
//! database for the server that runs it; only that one makes events of them.

use super::{Engine, EngineError};
use crate::event::{AppendError, now};
use crate::store::{Command, CommandKind, DeploymentRecord, NewCommand, StoreError};
use serde_json::Value;
use std::time::{Duration, Instant};
use windlass_api_types::{CommandId, Decision, DeploymentId, ServerId};

/// Somebody may have asked without our hearing of it: look again after this long.
const POLL: Duration = Duration::from_secs(1);
/// How long a deployment that was left may take to go on here.
const TAKING_OVER: Duration = Duration::from_secs(5);
/// Between two looks whether it has.
const LOOK: Duration = Duration::from_millis(50);

impl Engine {
    /// Leaves a wish for the server that runs a deployment, or will.
    pub(super) async fn send(
        &self,
        record: &DeploymentRecord,
        kind: CommandKind,
        data: Value,
        by: &str,
    ) -> Result<(), EngineError> {
        let command = NewCommand { deployment: record.summary.id, kind, data, by: by.into(), now: now() };
        match self.parts().events.send_command(&command).await? {
            Some(id) => {
                self.until_done(record.summary.id, id).await?;
                Ok(())
            }
            None => {
                let now = self.parts().store.deployment(record.summary.id).await?;
                let status = now.map_or(record.summary.status, |record| record.summary.status);
                Err(EngineError::Ended { label: record.summary.label.clone(), status })
            }
        }
    }

    /// Where nobody else could do it, waits until it is done here: whoever asked may end this process then.
    async fn until_done(&self, deployment: DeploymentId, command: CommandId) -> Result<(), StoreError> {
        let store = &self.parts().store;
        let until = Instant::now() + TAKING_OVER;
        while !store.is_shared()
            && Instant::now() < until
            && store.commands_of(deployment).await?.iter().any(|left| left.id == command)
        {
            self.inner.wake.notify_one();
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Does what is wished of the deployments that this server owns, until it lets go of them.
    pub(super) async fn run_commands(self, owner: ServerId) {
        let mut told = self.parts().events.commands_told();
        loop {
            if let Err(error) = self.do_commands(owner).await {
                tracing::warn!(%error, "commands cannot be read; it is tried again");
            }
            tokio::select! {
                _ = told.changed() => {}
                () = tokio::time::sleep(POLL) => {}
                () = self.inner.handing_over.cancelled() => return,
            }
        }
    }

    async fn do_commands(&self, owner: ServerId) -> Result<(), StoreError> {
        for command in self.parts().store.commands_for(owner).await? {
            let done = match command.kind {
                CommandKind::Cancel => self.do_cancel(&command).await,
                CommandKind::Resolve => self.do_resolve(&command).await,
                CommandKind::Approve => self.do_decide(&command, Decision::Approved).await,
                CommandKind::Reject => self.do_decide(&command, Decision::Rejected).await,
            };
            match done {
                Ok(()) => {}
                Err(error) if is_for_later(&error) => {
                    tracing::debug!(command = ?command.kind, deployment = %command.deployment, %error, "a wish waits");
                }
                Err(error) => {
                    tracing::warn!(command = ?command.kind, deployment = %command.deployment, %error, "a wish came too late");
                    self.parts().store.discard_command(command.id).await?;
                }
            }
        }
        Ok(())
    }

    async fn do_cancel(&self, command: &Command) -> Result<(), EngineError> {
        if self.tell_cancel(command.deployment, &command.by, Some(command.id)).await {
            return Ok(());
        }
        // About to run here, so that it is told the next time; or it cannot go on, and nobody would tell it.
        let state = self.parts().store.deployment_state(command.deployment).await?.unwrap_or_default();
        match self.parts().store.deployment(command.deployment).await? {
            Some(record) if state.interruption.is_some() => self.end_idle(&record, &command.by, Some(command.id)).await,
            _ => Ok(()),
        }
    }
}

/// Whether the wish is still to be done: by whoever owns the deployment now, or when the database is back.
fn is_for_later(error: &EngineError) -> bool {
    match error {
        EngineError::Store(_) => true,
        EngineError::Append(error) => !matches!(error, AppendError::Illegal(_)),
        _ => false,
    }
}
