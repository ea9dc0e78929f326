//! `windlass:http`: requests from the server to the outside.

use super::segment::{self, Segment};
use super::wit::windlass::{http::http as wit, types::types::Error};
use super::{Capabilities, World, bytes::Bytes};
use crate::journal::{Answered, Effect, Performance, Performed, Preview};
use crate::outbound;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use windlass_api_types::{Failure, RepeatPolicy};

mod capture;
mod convert;
mod failure;
mod request;

use capture::Capture;
pub(super) use failure::http_failure;

/// A request, as the journal stores it.
#[derive(Serialize)]
struct Send {
    method: Method,
    url: Vec<Segment>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    headers: Vec<(String, Vec<Segment>)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    body: Vec<Segment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_ms: Option<u64>,
    max_response_bytes: u32,
    #[serde(skip_serializing_if = "is_zero")]
    retries: u32,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    idempotency_key: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    reads: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sigv4: Option<Sigv4>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capture: Option<Capture>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assume: Option<Response>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    Get,
    Head,
    Options,
    Put,
    Delete,
    Post,
    Patch,
}

#[derive(Serialize)]
struct Sigv4 {
    service: String,
    region: String,
    access_key: Vec<Segment>,
    secret_key: Vec<Segment>,
}

/// What came back.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
}

impl Effect for Send {
    const FUNCTION: &'static str = "http.send";
    type World = World;
    type Answer = Response;

    fn policy(&self) -> RepeatPolicy {
        let reads = self.reads || matches!(self.method, Method::Get | Method::Head | Method::Options);
        match self.method {
            // A captured secret is a change.
            _ if reads && self.capture.is_none() => RepeatPolicy::Read,
            _ if reads || self.idempotency_key => RepeatPolicy::Idempotent,
            Method::Put | Method::Delete => RepeatPolicy::Idempotent,
            _ => RepeatPolicy::Once,
        }
    }

    fn summary(&self) -> String {
        format!("{} {}", self.method.as_str(), segment::shown(&self.url))
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        self.check_segments(world)?;
        self.check_limits()?;
        if let Some(capture) = &self.capture {
            capture.check(world)?;
        }
        // The policy says nothing of the request that the key would change.
        let request = self.request(world, uuid::Uuid::nil())?;
        let checked = request.endpoint().and_then(|endpoint| outbound::check(&endpoint, &world.granter.http()));
        checked.map_err(|error| self.failure(error, world))
    }

    fn preview(&self, simulated: bool) -> Preview<Response> {
        let reads = self.policy() == RepeatPolicy::Read;
        match &self.assume {
            Some(assumed) if simulated || !reads => Preview::Invent(assumed.clone()),
            _ if reads => Preview::Perform,
            _ => Preview::Invent(Response::empty_success()),
        }
    }

    async fn perform(self, world: Arc<World>, performance: Performance) -> Answered<Performed<Response>> {
        let request = self.request(&world, performance.key)?;
        let allowed = world.granter.http();
        let answer = world.outbound.send(&request, &allowed, &performance.cancel).await;
        let answer = answer.map_err(|error| self.failure(error, &world))?;
        let body = match &self.capture {
            Some(capture) => capture.take(&answer, &world).await?,
            None => masked_body(&answer, &world),
        };
        Ok(Response::of(&answer, body, &world).into())
    }
}

impl Send {
    fn failure(&self, error: outbound::OutboundError, world: &World) -> Failure {
        http_failure(error, &world.granter, self.policy())
    }
}

impl Response {
    fn empty_success() -> Self {
        Self { status: 200, headers: Vec::new(), body: Bytes::default(), truncated: false }
    }

    fn of(answer: &crate::exchange::Answer, body: Vec<u8>, world: &World) -> Self {
        // A cookie is a credential that no stage needs.
        let headers = answer.headers.iter().filter(|(name, _)| **name != http::header::SET_COOKIE);
        let masked = |value: &http::HeaderValue| {
            String::from_utf8_lossy(&world.masker.bytes(value.as_bytes().to_vec())).into_owned()
        };
        Self {
            status: answer.status.as_u16(),
            headers: headers.map(|(name, value)| (name.as_str().to_owned(), masked(value))).collect(),
            body: Bytes(body),
            truncated: answer.truncated,
        }
    }
}

/// The body without the values of secrets. Of one that was cut, what may be the beginning of a value is left out.
fn masked_body(answer: &crate::exchange::Answer, world: &World) -> Vec<u8> {
    let mut stream = world.masker.stream();
    let mut body = stream.push(&answer.body);
    if !answer.truncated {
        body.extend(stream.finish());
    }
    body
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl wit::Host for Capabilities {
    async fn send(&mut self, request: wit::Request) -> wasmtime::Result<Result<wit::Response, Error>> {
        let effect = Send::from_wit(request, &self.journal);
        Ok(self.answer(effect).await?.map(wit::Response::from))
    }
}

#[cfg(test)]
mod tests;
