//! Segments: texts with places for secrets.

use super::wit::windlass::types::types as wit;
use serde::Serialize;
use windlass_api_types::{ErrorKind, Failure};

/// A piece of a text; see `windlass:types`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Segment {
    Text(String),
    Secret(String),
}

impl From<wit::Segment> for Segment {
    fn from(segment: wit::Segment) -> Self {
        match segment {
            wit::Segment::Text(text) => Self::Text(text),
            wit::Segment::Secret(name) => Self::Secret(name),
        }
    }
}

/// Refuses what cannot be resolved, before anything is performed.
pub(super) fn check(segments: &[Segment]) -> Result<(), Failure> {
    segments.iter().try_for_each(|segment| match segment {
        Segment::Text(_) => Ok(()),
        Segment::Secret(name) => Err(no_secret(name)),
    })
}

/// The text with the values of its secrets.
pub(super) fn resolve(segments: &[Segment]) -> Result<String, Failure> {
    segments.iter().try_fold(String::new(), |mut text, segment| match segment {
        Segment::Text(piece) => {
            text.push_str(piece);
            Ok(text)
        }
        Segment::Secret(name) => Err(no_secret(name)),
    })
}

fn no_secret(name: &str) -> Failure {
    Failure::new(ErrorKind::NotFound, "no-such-secret", format!("the environment has no secret `{name}`"))
        .hint("this version of Windlass keeps no secrets yet; use a variable for what may be read")
}

/// From the guest's list.
pub(super) fn list(segments: Vec<wit::Segment>) -> Vec<Segment> {
    segments.into_iter().map(Segment::from).collect()
}
