//! Reading a deployment's events as a stream, as a browser does.

use super::api::Api;
use reqwest::{Method, RequestBuilder, Response};
use std::collections::VecDeque;
use windlass::client::sse::Parser;
use windlass_api_types::Event;

/// An open stream. Its batches must follow each other.
pub(crate) struct Stream {
    response: Response,
    parser: Parser,
    batches: VecDeque<Option<Vec<Event>>>,
    /// The `seq` of the last event.
    last: u64,
}

impl Stream {
    /// Opens the stream of a deployment after an event, named in the address.
    pub(crate) async fn open(api: &Api, label: &str, after: u64) -> Self {
        Self::start(request(api, label, &format!("?after={after}")), after).await
    }

    /// The same where the server may die at any moment.
    pub(crate) async fn try_open(api: &Api, label: &str, after: u64) -> Option<Self> {
        let response = request(api, label, &format!("?after={after}")).send().await.ok()?;
        let opened = Self { response, parser: Parser::default(), batches: VecDeque::new(), last: after };
        opened.response.status().is_success().then_some(opened)
    }

    /// The next batch of a server that may die; none where it has, or where the deployment has ended.
    pub(crate) async fn try_next(&mut self) -> Option<Vec<Event>> {
        loop {
            if let Some(batch) = self.batches.pop_front() {
                return batch;
            }
            let chunk = self.response.chunk().await.ok()??;
            self.read(&chunk);
        }
    }

    /// The same by the header that browsers send by themselves.
    pub(crate) async fn open_with_header(api: &Api, label: &str, after: u64) -> Self {
        Self::start(request(api, label, "").header("last-event-id", after), after).await
    }

    /// Any request that answers with a stream from the first event on.
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        Self::start(request, 0).await
    }

    async fn start(request: RequestBuilder, after: u64) -> Self {
        let response = request.send().await.expect("the server answers");
        let (status, kind) = (response.status(), response.headers().get("content-type").cloned());
        assert!(status.is_success(), "{status}");
        assert_eq!(kind.expect("an answer has a type"), "text/event-stream");
        Self { response, parser: Parser::default(), batches: VecDeque::new(), last: after }
    }

    /// The next batch; none where the deployment has ended.
    pub(crate) async fn next(&mut self) -> Option<Vec<Event>> {
        loop {
            if let Some(batch) = self.batches.pop_front() {
                return batch;
            }
            let chunk = self.response.chunk().await.expect("the connection stays");
            let chunk = chunk.expect("the stream says that it ends before it does");
            self.read(&chunk);
        }
    }

    fn read(&mut self, chunk: &[u8]) {
        for message in self.parser.push(chunk).expect("messages are small") {
            match message.event.as_str() {
                "events" => self.take(&message.data, &message.id),
                "end" => self.batches.push_back(None),
                other => panic!("an unknown message `{other}`: {}", message.data),
            }
        }
    }

    fn take(&mut self, data: &str, id: &str) {
        let events: Vec<Event> = serde_json::from_str(data).expect("a message is a list of events");
        for event in &events {
            assert_eq!(event.seq, self.last + 1, "the events follow each other");
            self.last = event.seq;
        }
        assert_eq!(id, self.last.to_string(), "the id is the last event's");
        self.batches.push_back(Some(events));
    }

    /// All until the end.
    pub(crate) async fn rest(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(batch) = self.next().await {
            events.extend(batch);
        }
        events
    }
}

fn request(api: &Api, label: &str, query: &str) -> RequestBuilder {
    let path = format!("/deployments/{}/events{query}", label.replace('#', "%23"));
    api.request(Method::GET, &path).header("accept", "text/event-stream")
}
