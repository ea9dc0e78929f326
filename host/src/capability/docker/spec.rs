//! A container's spec on its way from the guest to the journal and the engine.

use super::segment::{self, SecretRef, Segment};
use super::{Journal, name, privilege};
use crate::capability::World;
use crate::docker::Spec;
use crate::mask::Quoting;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use windlass_api_types::{ErrorKind, Failure};

/// With the secrets that the deployment pinned.
pub(super) type Container = Spec<Vec<Segment>>;

/// What the guest sent: a spec, or a text that is none. Both stand in the journal.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Document {
    Spec(Box<Container>),
    Broken {
        text: String,
        #[serde(skip)]
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Piece {
    Text(TextPiece),
    Secret(SecretPiece),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TextPiece {
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretPiece {
    secret: String,
    #[serde(default)]
    quoting: Vec<Quoting>,
}

impl Document {
    pub(super) fn read(text: String, journal: &Journal) -> Self {
        match parse(&text, |name| SecretRef::pinned(name, journal)) {
            Ok(spec) => Self::Spec(Box::new(spec)),
            Err(reason) => Self::Broken { text, reason },
        }
    }

    pub(super) fn spec(&self) -> Result<&Container, Failure> {
        match self {
            Self::Spec(spec) => Ok(spec),
            Self::Broken { reason, .. } => Err(bad_spec(reason)),
        }
    }

    /// Refuses what is malformed or not granted.
    pub(super) fn check(&self, world: &World) -> Result<(), Failure> {
        let spec = self.spec()?;
        name::object(&spec.name)?;
        name::image(&spec.image)?;
        if spec.rest.host_network && !spec.rest.networks.is_empty() {
            return Err(bad_spec("`host_network` and `networks` exclude each other"));
        }
        if let Some(name) = spec.env.keys().find(|name| name.is_empty() || name.contains(['=', '\0'])) {
            return Err(bad_spec(&format!("`{name}` is no name of an environment variable")));
        }
        privilege::check(spec, &world.granter)?;
        spec.env.values().try_for_each(|value| segment::check(value, world))
    }
}

/// Tells specs apart. Of secrets it knows names and versions only, so it can stand in a label.
pub(super) fn hash(spec: &Container) -> Result<String, Failure> {
    let json = serde_json::to_vec(spec).map_err(|error| bad_spec(&error.to_string()))?;
    Ok(hex::encode(Sha256::digest(json)))
}

pub(super) fn parse(text: &str, secret: impl Fn(String) -> SecretRef) -> Result<Container, String> {
    let spec: Spec<Vec<Piece>> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if spec.spec != 1 {
        return Err(format!("its version is {}, and this server knows 1", spec.spec));
    }
    let piece = |piece: &Piece| match piece {
        Piece::Text(piece) => Segment::Text(piece.text.clone()),
        Piece::Secret(piece) if piece.quoting.is_empty() => Segment::Secret(secret(piece.secret.clone())),
        Piece::Secret(piece) => Segment::Quoted(secret(piece.secret.clone()), piece.quoting.clone()),
    };
    spec.map_env(|value| Ok(value.iter().map(piece).collect()))
}

fn bad_spec(reason: &str) -> Failure {
    let message = format!("the container's spec cannot be used: {reason}");
    Failure::new(ErrorKind::InvalidInput, "bad-spec", message)
        .hint("its keys are those of `docker::Spec` in the SDK, version 1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse(text, |name| SecretRef { name, version: Some(3) }).unwrap_err()
    }

    #[test]
    fn secrets_are_stored_by_name_and_version() {
        let text = r#"{"spec":1,"name":"a","image":"b","env":{"K":[{"text":"x"},{"secret":"S"},{"secret":"S","quoting":["url"]}]},"privileged":false}"#;
        let spec = parse(text, |name| SecretRef { name, version: Some(3) }).unwrap();
        let stored = serde_json::to_string(&spec).unwrap();
        assert_eq!(
            stored,
            r#"{"spec":1,"name":"a","image":"b","env":{"K":[{"text":"x"},{"secret":"S@3"},{"secret":"S@3","quoting":["url"]}]}}"#
        );
    }

    #[test]
    fn what_is_no_spec_is_refused_with_its_reason() {
        assert!(error(r#"{"spec":1,"name":"a"}"#).starts_with("missing field `image`"));
        assert!(error(r#"{"spec":1,"name":"a","image":"b","pid":"host"}"#).starts_with("unknown field `pid`"));
        assert_eq!(error(r#"{"spec":2,"name":"a","image":"b"}"#), "its version is 2, and this server knows 1");
        let mount =
            r#"{"spec":1,"name":"a","image":"b","mounts":[{"bind":"/a","target":"/b","propagation":"shared"}]}"#;
        assert!(error(mount).contains("did not match any variant"));
    }
}
