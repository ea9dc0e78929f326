//! Segments: texts with places for secrets.

use super::wit::windlass::types::types as wit;
use super::{Journal, World};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use windlass_api_types::{ErrorKind, Failure};

/// A piece of a text; see `windlass:types`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    Text(String),
    Secret(SecretRef),
}

/// A secret by the version that the deployment pinned; none where the environment has no such secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SecretRef {
    pub(super) name: String,
    pub(super) version: Option<u64>,
}

/// As the journal stores it: `{"text": "…"}` or `{"secret": "NAME@3"}`.
impl Serialize for Segment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.collect_map([("text", text)]),
            Self::Secret(secret) => serializer.collect_map([("secret", &secret.to_string())]),
        }
    }
}

/// What was stored, back: a health check that goes on after its deployment.
impl<'de> Deserialize<'de> for Segment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Stored {
            Text(String),
            Secret(String),
        }
        Ok(match Stored::deserialize(deserializer)? {
            Stored::Text(text) => Self::Text(text),
            Stored::Secret(secret) => Self::Secret(match secret.rsplit_once('@') {
                Some((name, version)) => SecretRef { name: name.to_owned(), version: version.parse().ok() },
                None => SecretRef { name: secret, version: None },
            }),
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
        Segment::Secret(secret) => secret.check(world),
    })
}

/// The text with the values of its secrets.
pub(super) fn resolve(segments: &[Segment], world: &World) -> Result<String, Failure> {
    segments.iter().try_fold(String::new(), |mut text, segment| {
        text.push_str(match segment {
            Segment::Text(piece) => piece,
            Segment::Secret(secret) => secret.resolve(world)?,
        });
        Ok(text)
    })
}

/// Whether there is a secret in it.
pub(super) fn has_secret(segments: &[Segment]) -> bool {
    segments.iter().any(|segment| matches!(segment, Segment::Secret(_)))
}

/// The text with its secrets by name, for people.
pub(super) fn shown(segments: &[Segment]) -> String {
    let piece = |segment: &Segment| match segment {
        Segment::Text(text) => text.clone(),
        Segment::Secret(secret) => format!("{{{{secret:{secret}}}}}"),
    };
    segments.iter().map(piece).collect()
}

/// From the guest's list.
pub(super) fn list(segments: Vec<wit::Segment>, journal: &Journal) -> Vec<Segment> {
    let piece = |segment| match segment {
        wit::Segment::Text(text) => Segment::Text(text),
        wit::Segment::Secret(name) => Segment::Secret(SecretRef::pinned(name, journal)),
    };
    segments.into_iter().map(piece).collect()
}
