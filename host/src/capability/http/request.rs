//! From an effect to what is sent: secrets put in, limits kept.

use super::{Method, Send, segment};
use crate::capability::World;
use crate::journal::Effect;
use crate::outbound::{Header, Request, Signature, parse_url};
use std::time::Duration;
use uuid::Uuid;
use windlass_api_types::{ErrorKind, Failure, RepeatPolicy};

/// The most a request carries: it stands in the journal.
const LARGEST_BODY: usize = 1024 * 1024;
/// The most an answer carries: it stands in the journal.
const LARGEST_RESPONSE: u32 = 4 * 1024 * 1024;
/// Attempts beyond these do not help.
const MOST_RETRIES: u32 = 10;
/// What an attempt may take unless the request says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

impl Send {
    /// Refuses secrets that are not there or not granted.
    pub(super) fn check_segments(&self, world: &World) -> Result<(), Failure> {
        let headers = self.headers.iter().map(|(_, value)| value);
        let keys = self.sigv4.iter().flat_map(|sigv4| [&sigv4.access_key, &sigv4.secret_key]);
        let mut all = [&self.url, &self.body].into_iter().chain(headers).chain(keys);
        all.try_for_each(|segments| segment::check(segments, world))
    }

    pub(super) fn check_limits(&self) -> Result<(), Failure> {
        let refused = |code: &str, message: &str| Err(Failure::new(ErrorKind::InvalidInput, code, message));
        if self.max_response_bytes > LARGEST_RESPONSE {
            return refused("response-too-large", "max_response_bytes is more than 4 MiB");
        }
        if self.retries > MOST_RETRIES {
            return refused("too-many-retries", "retries is more than 10");
        }
        if self.timeout_ms == Some(0) {
            return refused("bad-timeout", "timeout_ms is 0: no request could be sent in that time");
        }
        if self.retries > 0 && self.policy() == RepeatPolicy::Once {
            let method = self.method.as_str();
            let message = format!("a {method} is sent once, and cannot have retries");
            let hint = "if its server knows the header `idempotency-key`, set idempotency_key";
            return Err(Failure::new(ErrorKind::InvalidInput, "retried-once", message).hint(hint));
        }
        Ok(())
    }

    /// What is sent. `key` is the same on every repeat.
    pub(super) fn request(&self, world: &World, key: Uuid) -> Result<Request, Failure> {
        let invalid = |error| self.failure(error, world);
        let body = segment::resolve(&self.body, world)?;
        if body.len() > LARGEST_BODY {
            let message = format!("the body of the request has {} bytes; 1 MiB is allowed", body.len());
            return Err(Failure::new(ErrorKind::InvalidInput, "body-too-large", message));
        }
        let mut headers = Vec::with_capacity(self.headers.len() + 1);
        for (name, value) in &self.headers {
            let (secret, value) = (segment::has_secret(value), segment::resolve(value, world)?);
            headers.push(Header::new(name, &value, secret).map_err(invalid)?);
        }
        if self.idempotency_key {
            headers.push(Header::new("idempotency-key", &key.to_string(), false).map_err(invalid)?);
        }
        let signature = self.sigv4.as_ref().map(|sigv4| {
            Ok::<_, Failure>(Signature {
                service: sigv4.service.clone(),
                region: sigv4.region.clone(),
                access_key: segment::resolve(&sigv4.access_key, world)?,
                secret_key: segment::resolve(&sigv4.secret_key, world)?,
            })
        });
        Ok(Request {
            method: self.method.into(),
            url: parse_url(&segment::resolve(&self.url, world)?).map_err(invalid)?,
            headers,
            secret_body: segment::has_secret(&self.body),
            body: body.into(),
            timeout: self.timeout_ms.map_or(TIMEOUT, Duration::from_millis),
            most: self.max_response_bytes as usize,
            retries: self.retries,
            signature: signature.transpose()?,
        })
    }
}

impl From<Method> for http::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::GET,
            Method::Head => Self::HEAD,
            Method::Options => Self::OPTIONS,
            Method::Put => Self::PUT,
            Method::Delete => Self::DELETE,
            Method::Post => Self::POST,
            Method::Patch => Self::PATCH,
        }
    }
}
