//! The hub: finds the channel of a deployment, for whoever writes and whoever views.

use super::appender::{self, Appender};
use super::changes::{BACKLOG, Changes};
use super::channel::Channel;
use super::now;
use super::share::Outbox;
use crate::store::{DeploymentRecord, NewDeployment, Store, StoreError, Topic};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use tokio::sync::{broadcast, watch};
use windlass_api_types::{DeploymentId, DeploymentState, ServerId};

/// Appending and following events. Clones share everything.
#[derive(Clone)]
pub struct Events {
    pub(super) hub: Arc<Hub>,
}

pub(super) struct Hub {
    pub(super) store: Store,
    /// Those that somebody holds.
    channels: Mutex<HashMap<DeploymentId, Weak<Channel>>>,
    pub(super) changes: broadcast::Sender<Option<DeploymentId>>,
    /// Counts what other servers said about commands.
    pub(super) commands: watch::Sender<u64>,
    /// What other servers are told; absent while there are none.
    pub(super) outbox: OnceLock<Outbox>,
}

impl Events {
    pub fn new(store: Store) -> Self {
        let (changes, _) = broadcast::channel(BACKLOG);
        let commands = watch::Sender::new(0);
        Self { hub: Arc::new(Hub { store, channels: Mutex::default(), changes, commands, outbox: OnceLock::new() }) }
    }

    /// Creates a deployment, queued.
    pub async fn create_deployment(&self, new: &NewDeployment) -> Result<DeploymentRecord, StoreError> {
        let record = self.hub.store.create_deployment(new).await?;
        self.hub.changed(record.summary.id);
        Ok(record)
    }

    /// Starts the oldest queued deployment whose environment is free; `owner` runs it.
    pub async fn claim_next(&self, owner: ServerId) -> Result<Option<DeploymentRecord>, StoreError> {
        let claimed = self.hub.store.claim_next_by(owner, now).await?;
        if let Some(record) = &claimed {
            self.hub.stored(record.summary.id, record.summary.last_seq);
        }
        Ok(claimed)
    }

    /// Goes on with a deployment that has started and that nobody runs; `owner` runs it.
    pub async fn take_over(&self, owner: ServerId) -> Result<Option<DeploymentRecord>, StoreError> {
        let taken = self.hub.store.take_over(owner, now()).await?;
        if let Some(record) = &taken {
            self.hub.stored(record.summary.id, record.summary.last_seq);
        }
        Ok(taken)
    }

    /// Begins to append to a deployment that this process owns: `epoch` is the record's, `state` the
    /// fold of what is stored. One appender per deployment at a time; its clones are the same one.
    pub fn appender(&self, deployment: DeploymentId, epoch: u64, state: DeploymentState) -> Appender {
        appender::start(self.hub.clone(), self.hub.channel(deployment), deployment, epoch, state)
    }

    /// What a deployment's events make of it: as its appender in this process has it, else from the
    /// store. None: there is no such deployment.
    pub async fn state(&self, deployment: DeploymentId) -> Result<Option<DeploymentState>, StoreError> {
        match self.hub.open_channel(deployment).and_then(|channel| channel.writer()) {
            Some(writer) => Ok(Some(writer.state())),
            None => self.hub.store.deployment_state(deployment).await,
        }
    }

    /// Tells whoever follows changes that something about a deployment has changed which is no event.
    pub fn announce(&self, deployment: DeploymentId) {
        self.hub.changed(deployment);
    }

    /// Tells which deployments' summaries change from now on.
    pub fn changes(&self) -> Changes {
        Changes { receiver: self.hub.changes.subscribe() }
    }
}

impl Hub {
    pub(super) fn channel(self: &Arc<Self>, deployment: DeploymentId) -> Arc<Channel> {
        let mut channels = self.channels();
        if let Some(channel) = channels.get(&deployment).and_then(Weak::upgrade) {
            return channel;
        }
        let channel = Arc::new(Channel::new(deployment, Arc::downgrade(self)));
        channels.insert(deployment, Arc::downgrade(&channel));
        channel
    }

    /// Forgets a channel that nobody holds, unless there is a new one in its place.
    pub(super) fn forget(&self, deployment: DeploymentId) {
        let mut channels = self.channels();
        if channels.get(&deployment).is_some_and(|channel| channel.strong_count() == 0) {
            channels.remove(&deployment);
        }
    }

    /// The channel of a deployment that somebody here writes or follows.
    pub(super) fn open_channel(&self, deployment: DeploymentId) -> Option<Arc<Channel>> {
        self.channels().get(&deployment).and_then(Weak::upgrade)
    }

    /// The channels that somebody here follows.
    pub(super) fn followed(&self) -> Vec<(DeploymentId, Arc<Channel>)> {
        let channels = self.channels();
        let open = channels.iter().filter_map(|(id, channel)| Some((*id, channel.upgrade()?)));
        open.filter(|(_, channel)| channel.is_followed()).collect()
    }

    /// Says that a deployment's summary has changed.
    pub(super) fn changed(&self, deployment: DeploymentId) {
        // Nobody may be looking.
        let _ = self.changes.send(Some(deployment));
        self.tell(Topic::Summary, deployment);
    }

    /// Tells other servers, where there may be some.
    pub(super) fn tell(&self, topic: Topic, deployment: DeploymentId) {
        if let Some(outbox) = self.outbox.get() {
            outbox.put(topic, deployment);
        }
    }

    /// Says that events were stored without an appender.
    pub(super) fn stored(&self, deployment: DeploymentId, last_seq: u64) {
        if let Some(channel) = self.open_channel(deployment) {
            channel.skip_to(last_seq);
        }
        self.changed(deployment);
        self.tell(Topic::Events, deployment);
    }

    fn channels(&self) -> MutexGuard<'_, HashMap<DeploymentId, Weak<Channel>>> {
        // A map is whole between any two statements that touch it.
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
