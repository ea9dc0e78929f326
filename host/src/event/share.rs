//! Events across servers that share a database: each tells the others which deployments it wrote to, hears
//! what they tell, and looks for itself each second, so that nothing depends on being heard.

mod hear;
mod outbox;
mod poll;

pub(super) use outbox::Outbox;

use super::hub::{Events, Hub};
use crate::store::{NewCommand, StoreError, Topic};
use std::sync::Arc;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use windlass_api_types::{CommandId, DeploymentId};

impl Events {
    /// Shares this process' events with other servers, until `closing`. Nothing is shared, and nothing to be
    /// done, where the database has one server only.
    pub fn share(&self, closing: &CancellationToken, tasks: &TaskTracker) {
        if !self.hub.store.is_shared() || self.hub.outbox.set(Outbox::default()).is_err() {
            return;
        }
        let until = |closing: CancellationToken, task: futures::future::BoxFuture<'static, ()>| async move {
            closing.run_until_cancelled(task).await;
        };
        tasks.spawn(until(closing.clone(), Box::pin(outbox::send(self.hub.clone()))));
        tasks.spawn(until(closing.clone(), Box::pin(hear::listen(self.hub.clone()))));
        tasks.spawn(until(closing.clone(), Box::pin(poll::run(self.hub.clone()))));
    }

    /// Stores what somebody wishes of a deployment, and wakes whoever runs it. None: it has ended.
    pub async fn send_command(&self, new: &NewCommand) -> Result<Option<CommandId>, StoreError> {
        let sent = self.hub.store.send_command(new).await?;
        if sent.is_some() {
            self.hub.commands.send_modify(|count| *count += 1);
            self.hub.tell(Topic::Commands, new.deployment);
        }
        Ok(sent)
    }

    /// Changes when another server, or this one, says that a command waits for whoever runs its deployment.
    pub fn commands_told(&self) -> watch::Receiver<u64> {
        self.hub.commands.subscribe()
    }
}

impl Hub {
    /// Another process wrote to a deployment: shows it to those who follow it here.
    async fn catch_up(&self, deployment: DeploymentId) -> Result<(), StoreError> {
        let Some(channel) = self.open_channel(deployment) else { return Ok(()) };
        if let Some(writer) = channel.writer() {
            let owned = self.store.deployment(deployment).await?;
            if owned.is_some_and(|record| record.epoch > writer.epoch()) {
                channel.remove_writer(&writer);
                writer.lose();
            }
        }
        if !channel.is_followed() {
            return Ok(());
        }
        let mut position = channel.latest();
        if position == 0 {
            // Nothing was shown here: those who follow are wherever the store has brought them.
            if let Some((_, last_seq)) = self.store.progress(deployment).await? {
                channel.skip_to(last_seq);
            }
            return Ok(());
        }
        // Read once for all who follow.
        while let Some(page) = self.store.encoded_events(deployment, position).await? {
            position = page.last_seq;
            channel.show(page.into());
        }
        Ok(())
    }

    /// Lists are to be read again, and all who follow something look.
    async fn look_everywhere(&self) {
        // Nobody may be looking.
        let _ = self.changes.send(None);
        self.commands.send_modify(|count| *count += 1);
        for (deployment, _) in self.followed() {
            self.catch_up_or_later(deployment).await;
        }
    }

    /// What cannot be read now is found by the poll.
    async fn catch_up_or_later(&self, deployment: DeploymentId) {
        if let Err(error) = self.catch_up(deployment).await {
            tracing::debug!(%deployment, %error, "another server's events cannot be read yet");
        }
    }
}

/// The hub as its tasks hold it.
type Shared = Arc<Hub>;
