//! The task behind an appender: collects, commits, shows.

use super::batch::Pending;
use super::{AppendError, Command, Shared};
use crate::crash;
use crate::event::channel::Channel;
use crate::event::hub::Hub;
use crate::store::{AppendBatch, DeploymentCache, StoreError, Topic};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout_at};
use windlass_api_types::DeploymentState;

/// Events in a batch: where more in one transaction gains nothing.
const BATCH: usize = 1_000;

/// How long events that nobody waits for are collected: what a person does not notice, and a hundredth
/// of the commits.
const LINGER: Duration = Duration::from_millis(10);

/// Pauses between attempts while the database is not there: short at first, for a restart, and never so
/// long that one notices that it is back.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

pub(super) struct Writer {
    hub: Arc<Hub>,
    channel: Arc<Channel>,
    shared: Arc<Shared>,
    epoch: u64,
    /// The fold up to the last event taken; ahead of the committed one by the batch in the making.
    state: DeploymentState,
    /// What lists show of the committed state.
    cache: DeploymentCache,
    pending: Pending,
}

impl Writer {
    pub(super) fn new(
        hub: Arc<Hub>,
        channel: Arc<Channel>,
        shared: Arc<Shared>,
        epoch: u64,
        state: DeploymentState,
    ) -> Self {
        let cache = DeploymentCache::from(&state);
        Self { hub, channel, shared, epoch, state, cache, pending: Pending::default() }
    }

    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Command>) {
        let mut commands = Vec::with_capacity(BATCH);
        let mut closers = Vec::new();
        while closers.is_empty() && collect(&mut queue, &mut commands).await {
            for command in commands.drain(..) {
                match command {
                    Command::Append(queued) => self.pending.take(queued, self.shared.deployment, &mut self.state),
                    Command::Close(done) => closers.push(done),
                }
            }
            if let Err(error) = self.commit().await {
                return self.stop(error, queue);
            }
        }
        self.stop(AppendError::Closed, queue);
        for done in closers {
            // Who closes need not wait for it.
            let _ = done.send(());
        }
    }

    /// Stores the batch, then shows it, then answers who waits.
    async fn commit(&mut self) -> Result<(), AppendError> {
        if self.pending.events.is_empty() {
            return Ok(());
        }
        let cache = DeploymentCache::from(&self.state);
        self.store(&cache).await?;
        crash::at("event.stored");
        self.advance();
        self.channel.publish(&self.pending.events);
        self.hub.tell(Topic::Events, self.shared.deployment);
        if cache != self.cache {
            self.shared.status.send_if_modified(|status| std::mem::replace(status, cache.status) != cache.status);
            self.cache = cache;
            self.hub.changed(self.shared.deployment);
        }
        self.pending.answer(Ok(()));
        self.pending.clear();
        Ok(())
    }

    /// Tries until the database is there again; the queue behind us is bounded, so that producers wait.
    async fn store(&self, cache: &DeploymentCache) -> Result<(), StoreError> {
        let batch = AppendBatch {
            deployment: self.shared.deployment,
            epoch: self.epoch,
            events: &self.pending.events,
            cache,
            state_writes: &self.pending.state_writes,
            commands: &self.pending.commands,
            durable: self.pending.durable,
        };
        let mut pause = FIRST_PAUSE;
        loop {
            match self.hub.store.append(&batch).await {
                Err(error) if error.is_unavailable() => {
                    if pause == FIRST_PAUSE {
                        tracing::warn!(deployment = %self.shared.deployment, %error, "waiting for the database");
                    }
                    sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                result => {
                    if pause > FIRST_PAUSE && result.is_ok() {
                        tracing::info!(deployment = %self.shared.deployment, "the database is back");
                    }
                    return result;
                }
            }
        }
    }

    /// Brings the committed state up to the batch.
    fn advance(&self) {
        let mut state = self.shared.state.write().unwrap_or_else(PoisonError::into_inner);
        for event in &self.pending.events {
            let applied = state.apply(event);
            debug_assert!(applied.is_ok(), "it was applied to an equal state when it was taken: {applied:?}");
        }
    }

    /// Refuses what is queued and what comes.
    fn stop(mut self, error: AppendError, mut queue: mpsc::Receiver<Command>) {
        // Nobody else sets it.
        let _ = self.shared.stopped.set(error.clone());
        if !matches!(error, AppendError::Closed) {
            tracing::error!(deployment = %self.shared.deployment, %error, "the deployment's record is closed");
        }
        self.channel.remove_writer(&self.shared);
        if matches!(error, AppendError::Fenced) {
            self.shared.lose();
        }
        // Before anybody hears of it, so that who has heard can no longer queue anything.
        queue.close();
        self.pending.answer(Err(&error));
        while let Ok(command) = queue.try_recv() {
            if let Command::Append(queued) = command
                && let Some(waiter) = queued.waiter
            {
                // Who has gone does not want to know.
                let _ = waiter.done.send(Err(error.clone()));
            }
        }
    }
}

/// Waits for commands, then a little for more, unless somebody waits for the commit. False: nobody is
/// left who could send any.
async fn collect(queue: &mut mpsc::Receiver<Command>, commands: &mut Vec<Command>) -> bool {
    if queue.recv_many(commands, BATCH).await == 0 {
        return false;
    }
    let deadline = Instant::now() + LINGER;
    let mut seen = 0;
    while commands.len() < BATCH && !commands[seen..].iter().any(Command::is_urgent) {
        seen = commands.len();
        match timeout_at(deadline, queue.recv_many(commands, BATCH - seen)).await {
            Ok(received) if received > 0 => {}
            _ => break,
        }
    }
    true
}

impl Command {
    fn is_urgent(&self) -> bool {
        match self {
            Self::Append(queued) => queued.waiter.is_some(),
            Self::Close(_) => true,
        }
    }
}
