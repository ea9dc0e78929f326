//! Following a deployment: what is stored after a position, then what is appended, without a gap and
//! without a double.

use super::channel::{Batch, Channel, Place};
use super::hub::{Events, Hub};
use crate::store::StoreError;
use futures::stream::{self, Stream};
use std::sync::Arc;
use tokio::sync::watch;
use windlass_api_types::DeploymentId;

/// One who follows a deployment. It registers with the channel before it first looks into the store:
/// what is appended after that wakes it, what was appended before that it finds.
struct Viewer {
    hub: Arc<Hub>,
    deployment: DeploymentId,
    channel: Arc<Channel>,
    latest: watch::Receiver<u64>,
    /// The `seq` of the last event it has seen.
    position: u64,
    /// Nothing comes any more.
    done: bool,
}

impl Events {
    /// The events of a deployment after a `seq` (0: all), in batches, first those that are stored, then
    /// each batch as it is appended. It ends after the deployment's last event, or after an error; then
    /// whoever wants more subscribes again where it was.
    pub fn subscribe(
        &self,
        deployment: DeploymentId,
        after: u64,
    ) -> impl Stream<Item = Result<Arc<Batch>, StoreError>> + Send + use<> {
        let channel = self.hub.channel(deployment);
        let latest = channel.follow();
        let viewer = Viewer { hub: self.hub.clone(), deployment, channel, latest, position: after, done: false };
        stream::unfold(viewer, |mut viewer| async move {
            let next = viewer.next().await;
            next.map(|next| (next, viewer))
        })
    }
}

impl Viewer {
    async fn next(&mut self) -> Option<Result<Arc<Batch>, StoreError>> {
        let next = self.find().await.transpose();
        match &next {
            Some(Ok(batch)) => {
                self.position = batch.last_seq;
                self.done = batch.ended;
            }
            _ => self.done = true,
        }
        next
    }

    async fn find(&mut self) -> Result<Option<Arc<Batch>>, StoreError> {
        while !self.done {
            // Seen before looking, so that what is shown while we look wakes us again.
            self.latest.borrow_and_update();
            match self.channel.after(self.position) {
                Place::Here(batch) => return Ok(Some(batch)),
                Place::NotYet => self.wait().await,
                Place::InStore => match self.hub.store.encoded_events(self.deployment, self.position).await? {
                    Some(page) => return Ok(Some(Arc::new(page.into()))),
                    None if self.has_ended().await? => return Ok(None),
                    None => self.wait().await,
                },
            }
        }
        Ok(None)
    }

    async fn wait(&mut self) {
        // The channel, which we hold, holds the sender: this cannot fail.
        let _ = self.latest.changed().await;
    }

    /// Whether the deployment had ended before it was followed, so that nothing will wake us.
    async fn has_ended(&self) -> Result<bool, StoreError> {
        let missing = || StoreError::Missing { what: "deployment", id: self.deployment.to_string() };
        let (status, last_seq) = self.hub.store.progress(self.deployment).await?.ok_or_else(missing)?;
        Ok(status.is_terminal() && last_seq <= self.position)
    }
}

impl From<crate::store::EncodedPage> for Batch {
    fn from(page: crate::store::EncodedPage) -> Self {
        Self { first_seq: page.first_seq, last_seq: page.last_seq, events: page.json.into(), ended: page.ended }
    }
}
