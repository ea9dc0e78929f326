//! Taking a field of an answer into a secret that the guest never sees.

use crate::capability::World;
use crate::event::now;
use crate::exchange::Answer;
use crate::mask::{MASK, SHORTEST};
use crate::vault::{self, SecretValue};
use serde::Serialize;
use serde_json::Value;
use windlass_api_types::{ErrorKind, Failure};

/// See `windlass:http`.
#[derive(Serialize)]
pub(super) struct Capture {
    pub(super) pointer: String,
    pub(super) secret: String,
}

impl Capture {
    pub(super) fn check(&self, world: &World) -> Result<(), Failure> {
        vault::check_name(&self.secret).map_err(|error| error.failure())?;
        if !self.pointer.starts_with('/') {
            let message = format!("`{}` is no JSON pointer to a field: it begins with `/`", self.pointer);
            return Err(Failure::new(ErrorKind::InvalidInput, "bad-pointer", message));
        }
        world.granter.secret(&self.secret)
    }

    /// Stores the field as a new version of the secret, lets everything mask it from now on, and answers the body
    /// without it. An answer that is no success has nothing to capture.
    pub(super) async fn take(&self, answer: &Answer, world: &World) -> Result<Vec<u8>, Failure> {
        if !answer.status.is_success() {
            return Ok(super::masked_body(answer, world));
        }
        let mut document: Value = match answer.truncated {
            true => return Err(self.failed("is longer than max_response_bytes")),
            false => serde_json::from_slice(&answer.body).map_err(|_| self.failed("is not JSON"))?,
        };
        let field = document.pointer_mut(&self.pointer);
        let field = field.ok_or_else(|| self.failed(&format!("has no field `{}`", self.pointer)))?;
        let value = match field.take() {
            Value::String(value) => SecretValue::new(value),
            _ => return Err(self.failed(&format!("has no text at `{}`", self.pointer))),
        };
        *field = Value::String(MASK.into());
        if value.expose().len() < SHORTEST {
            return Err(self.failed(&format!("has less than {SHORTEST} characters at `{}`", self.pointer)));
        }
        world.masker.add(value.expose().as_bytes());
        let stored = world.vault.set(world.environment, &self.secret, &value, &world.deployment, now()).await;
        stored.map_err(|error| error.failure())?;
        // Written anew, so that no other way to write the same text is left.
        world.masker.json(&mut document);
        Ok(document.to_string().into_bytes())
    }

    fn failed(&self, what: &str) -> Failure {
        let Self { secret, .. } = self;
        let message = format!("the answer {what}: nothing was captured into the secret `{secret}`");
        Failure::new(ErrorKind::Failed, "capture", message)
            .hint("the request was performed; look at what its server answers, and mend `capture`")
    }
}
