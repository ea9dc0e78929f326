//! Segments: texts with places for secrets.

use super::wit::windlass::types::types as wit;
use super::{Journal, World};
use crate::mask::Quoting;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use windlass_api_types::{ErrorKind, Failure};

/// A piece of a text; see `windlass:types`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    Text(String),
    Secret(SecretRef),
    /// The innermost notation first.
    Quoted(SecretRef, Vec<Quoting>),
}

/// A secret by the version that the deployment pinned; none where the environment has no such secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SecretRef {
    pub(super) name: String,
    pub(super) version: Option<u64>,
}

/// As the journal stores it: `{"text": "…"}`, `{"secret": "NAME@3"}` or `{"secret": "NAME@3", "quoting": ["url"]}`.
impl Serialize for Segment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.collect_map([("text", text)]),
            Self::Secret(secret) => serializer.collect_map([("secret", &secret.to_string())]),
            Self::Quoted(secret, quoting) => Quoted { secret: secret.to_string(), quoting }.serialize(serializer),
        }
    }
}

#[derive(Serialize)]
struct Quoted<'a> {
    secret: String,
    quoting: &'a [Quoting],
}

/// What was stored, back: a health check that goes on after its deployment.
impl<'de> Deserialize<'de> for Segment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Stored {
            Text {
                text: String,
            },
            Secret {
                secret: String,
                #[serde(default)]
                quoting: Vec<Quoting>,
            },
        }
        Ok(match Stored::deserialize(deserializer)? {
            Stored::Text { text } => Self::Text(text),
            Stored::Secret { secret, quoting } => {
                let secret = match secret.rsplit_once('@') {
                    Some((name, version)) => SecretRef { name: name.to_owned(), version: version.parse().ok() },
                    None => SecretRef { name: secret, version: None },
                };
                if quoting.is_empty() { Self::Secret(secret) } else { Self::Quoted(secret, quoting) }
            }
        })
    }
}

impl std::fmt::Display for SecretRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.version {
            Some(version) => write!(f, "{}@{version}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl SecretRef {
    /// The secret of this name as the deployment pinned it.
    pub(super) fn pinned(name: String, journal: &Journal) -> Self {
        let version = journal.secrets().get(&name).copied();
        Self { name, version }
    }

    /// Refuses a secret that is not there or not granted.
    pub(super) fn check(&self, world: &World) -> Result<(), Failure> {
        self.version.map(drop).ok_or_else(|| self.missing())?;
        world.granter.secret(&self.name)
    }

    /// The secret's value.
    pub(super) fn resolve<'w>(&self, world: &'w World) -> Result<&'w str, Failure> {
        let value = self.version.and_then(|version| world.secrets.get(&self.name, version));
        value.map(|value| value.expose()).ok_or_else(|| self.missing())
    }

    fn missing(&self) -> Failure {
        let name = &self.name;
        Failure::new(ErrorKind::NotFound, "no-such-secret", format!("the environment has no secret `{name}`"))
            .hint(format!("set it and deploy again: windlass secret set PROJECT/ENVIRONMENT {name}"))
    }
}

/// Refuses what cannot be resolved, before anything is performed.
pub(super) fn check(segments: &[Segment], world: &World) -> Result<(), Failure> {
    segments.iter().try_for_each(|segment| match segment {
        Segment::Text(_) => Ok(()),
        Segment::Secret(secret) | Segment::Quoted(secret, _) => secret.check(world),
    })
}

/// The text with the values of its secrets.
pub(super) fn resolve(segments: &[Segment], world: &World) -> Result<String, Failure> {
    segments.iter().try_fold(String::new(), |mut text, segment| {
        text.push_str(&match segment {
            Segment::Text(piece) => Cow::from(piece),
            Segment::Secret(secret) => secret.resolve(world)?.into(),
            Segment::Quoted(secret, quoting) => quoted(secret.resolve(world)?, quoting, world).into(),
        });
        Ok(text)
    })
}

/// The value in these notations, which from now on is masked like the value itself.
fn quoted(value: &str, quoting: &[Quoting], world: &World) -> String {
    let quoted = quoting.iter().fold(value.to_owned(), |value, quoting| quoting.apply(&value));
    if world.masker.text(&quoted) == quoted {
        world.masker.add(quoted.as_bytes());
    }
    quoted
}

/// Whether there is a secret in it.
pub(super) fn has_secret(segments: &[Segment]) -> bool {
    segments.iter().any(|segment| matches!(segment, Segment::Secret(_) | Segment::Quoted(..)))
}

/// The text with its secrets by name, for people.
pub(super) fn shown(segments: &[Segment]) -> String {
    let piece = |segment: &Segment| match segment {
        Segment::Text(text) => text.clone(),
        Segment::Secret(secret) | Segment::Quoted(secret, _) => format!("{{{{secret:{secret}}}}}"),
    };
    segments.iter().map(piece).collect()
}

/// From the guest's list.
pub(super) fn list(segments: Vec<wit::Segment>, journal: &Journal) -> Vec<Segment> {
    let piece = |segment| match segment {
        wit::Segment::Text(text) => Segment::Text(text),
        wit::Segment::Secret(name) => Segment::Secret(SecretRef::pinned(name, journal)),
        wit::Segment::QuotedSecret(wit::QuotedSecret { name, quoting }) => {
            let quoting = quoting.into_iter().map(|quoting| match quoting {
                wit::Quoting::Dotenv => Quoting::Dotenv,
                wit::Quoting::Json => Quoting::Json,
                wit::Quoting::Url => Quoting::Url,
                wit::Quoting::Shell => Quoting::Shell,
            });
            Segment::Quoted(SecretRef::pinned(name, journal), quoting.collect())
        }
    };
    segments.into_iter().map(piece).collect()
}
