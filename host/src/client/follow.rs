//! Follows the events of one deployment over every loss of the connection, without a gap or a double.

use super::sse::Parser;
use super::{Client, ClientError};
use reqwest::header;
use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;
use tokio_stream::{Stream, StreamExt};
use windlass_api_types::{DeploymentId, Event};

/// The server says something at least every 15 s; three silences of that length are a dead connection.
const SILENCE: Duration = Duration::from_secs(45);
/// The first wait before connecting again; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest wait: short enough that a restarted server is noticed at once by a person's measure.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// After so long without a server, following ends with the error. A restart takes seconds.
const PATIENCE: Duration = Duration::from_secs(120);

type Chunks = Pin<Box<dyn Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>;

/// What following a deployment brings.
#[derive(Debug)]
pub enum Followed {
    /// The next events, in order.
    Events(Vec<Event>),
    /// The connection was lost; it is tried again by itself.
    Reconnecting(ClientError),
    /// The deployment has ended and all of its events were seen.
    Ended,
}

/// A position in the events of a deployment.
pub struct Follower {
    client: Client,
    deployment: String,
    after: u64,
    chunks: Option<Chunks>,
    parser: Parser,
    ready: VecDeque<Followed>,
    pause: Duration,
    lost_at: Option<tokio::time::Instant>,
}

impl Follower {
    /// Follows a deployment from the event after `after`; 0 means from the first.
    pub fn new(client: Client, deployment: DeploymentId, after: u64) -> Self {
        Self {
            client,
            deployment: deployment.to_string(),
            after,
            chunks: None,
            parser: Parser::default(),
            ready: VecDeque::new(),
            pause: FIRST_PAUSE,
            lost_at: None,
        }
    }

    /// Waits for what comes next. Keep polling one future until it answers: a dropped one loses no event, but
    /// starts connecting and waiting anew. Not to be called again after `Ended`.
    ///
    /// # Errors
    /// What no reconnecting mends: a refusal, an answer that cannot be read, or a server that is away too long.
    pub async fn next(&mut self) -> Result<Followed, ClientError> {
        loop {
            if let Some(followed) = self.ready.pop_front() {
                return Ok(followed);
            }
            if self.chunks.is_none() {
                if self.lost_at.is_some() {
                    tokio::time::sleep(self.pause).await;
                }
                match self.connect().await {
                    Ok(chunks) => self.chunks = Some(chunks),
                    Err(error) => self.lose(error)?,
                }
                continue;
            }
            if let Err(error) = self.read().await {
                self.lose(error)?;
            }
        }
    }

    async fn connect(&mut self) -> Result<Chunks, ClientError> {
        let url = self.client.url(&["deployments", &self.deployment, "events"], &[("after", &self.after.to_string())]);
        let mut request = self.client.http.get(url).header(header::ACCEPT, "text/event-stream");
        if let Some(token) = &self.client.token {
            request = request.bearer_auth(token);
        }
        let answer = tokio::time::timeout(SILENCE, self.client.answer(request));
        let response = answer.await.unwrap_or_else(|_| Err(self.silent()))?;
        self.parser = Parser::default();
        Ok(Box::pin(response.bytes_stream()))
    }

    async fn read(&mut self) -> Result<(), ClientError> {
        let Some(chunks) = &mut self.chunks else { return Ok(()) };
        let chunk = match tokio::time::timeout(SILENCE, chunks.next()).await {
            Err(_) => return Err(self.silent()),
            Ok(None) => return Err(self.unreachable("it closed the connection")),
            Ok(Some(Err(error))) => return Err(self.client.lost(&error)),
            Ok(Some(Ok(chunk))) => chunk,
        };
        self.lost_at = None;
        self.pause = FIRST_PAUSE;
        for message in self.parser.push(&chunk).map_err(|error| self.malformed(&error))? {
            match message.event.as_str() {
                "events" => self.take(&message.data)?,
                "end" => self.ready.push_back(Followed::Ended),
                // A newer server may say more; it says nothing that following needs.
                _ => {}
            }
        }
        Ok(())
    }

    /// Keeps the events of a batch that were not seen before.
    fn take(&mut self, data: &str) -> Result<(), ClientError> {
        let mut events: Vec<Event> = serde_json::from_str(data).map_err(|error| self.malformed(&error))?;
        events.retain(|event| event.seq > self.after);
        if let (Some(first), Some(last)) = (events.first(), events.last()) {
            if first.seq != self.after + 1 {
                return Err(self.malformed(&format!("event {} follows event {}", first.seq, self.after)));
            }
            self.after = last.seq;
            self.ready.push_back(Followed::Events(events));
        }
        Ok(())
    }

    /// Gets ready to connect again, or gives up.
    fn lose(&mut self, error: ClientError) -> Result<(), ClientError> {
        self.chunks = None;
        if !error.is_transient() {
            return Err(error);
        }
        let now = tokio::time::Instant::now();
        match self.lost_at {
            None => {
                self.lost_at = Some(now);
                self.pause = FIRST_PAUSE;
                self.ready.push_back(Followed::Reconnecting(error));
            }
            Some(since) if now.duration_since(since) > PATIENCE => return Err(error),
            Some(_) => self.pause = (self.pause * 2).min(LONGEST_PAUSE),
        }
        Ok(())
    }

    fn silent(&self) -> ClientError {
        self.unreachable("it fell silent")
    }

    fn unreachable(&self, reason: &str) -> ClientError {
        ClientError::Unreachable { place: self.client.place.clone(), reason: reason.into() }
    }

    fn malformed(&self, reason: &impl ToString) -> ClientError {
        ClientError::Malformed { place: self.client.place.clone(), reason: reason.to_string() }
    }
}
