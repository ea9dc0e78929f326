//! `name@1.2`: how a configuration names a plugin or a template, and which version that means.

use std::fmt;
use std::str::FromStr;

/// A released version, `major.minor.patch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    pub major: u64,
    pub minor: u64,
    pub patch: u64,
}

/// The versions that will do; of those the newest is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Newest,
    Major(u64),
    Minor(u64, u64),
    Exact(Version),
}

/// A plugin or template as a configuration names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub name: String,
    pub wanted: Wanted,
}

/// Not of the form `name`, `name@1`, `name@1.2` or `name@1.2.3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be `name`, `name@1`, `name@1.2` or `name@1.2.3`")]
pub struct BadReference;

impl Wanted {
    pub fn matches(self, version: Version) -> bool {
        match self {
            Self::Newest => true,
            Self::Major(major) => version.major == major,
            Self::Minor(major, minor) => (version.major, version.minor) == (major, minor),
            Self::Exact(exact) => version == exact,
        }
    }

    /// The newest of those that will do.
    pub fn pick<T>(self, versions: impl IntoIterator<Item = (Version, T)>) -> Option<T> {
        let matching = versions.into_iter().filter(|(version, _)| self.matches(*version));
        matching.max_by_key(|(version, _)| *version).map(|(_, item)| item)
    }
}

impl FromStr for Version {
    type Err = BadReference;

    fn from_str(text: &str) -> Result<Self, BadReference> {
        match numbers(text)?[..] {
            [major, minor, patch] => Ok(Self { major, minor, patch }),
            _ => Err(BadReference),
        }
    }
}

impl FromStr for Reference {
    type Err = BadReference;

    fn from_str(text: &str) -> Result<Self, BadReference> {
        let (name, wanted) = match text.split_once('@') {
            None => (text, Wanted::Newest),
            Some((name, version)) => match numbers(version)?[..] {
                [major] => (name, Wanted::Major(major)),
                [major, minor] => (name, Wanted::Minor(major, minor)),
                [major, minor, patch] => (name, Wanted::Exact(Version { major, minor, patch })),
                _ => return Err(BadReference),
            },
        };
        if super::read::is_name(name) { Ok(Self { name: name.into(), wanted }) } else { Err(BadReference) }
    }
}

fn numbers(text: &str) -> Result<Vec<u64>, BadReference> {
    text.split('.')
        .map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            if digits { part.parse().map_err(|_| BadReference) } else { Err(BadReference) }
        })
        .collect()
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newest => Ok(()),
            Self::Major(major) => write!(f, "{major}"),
            Self::Minor(major, minor) => write!(f, "{major}.{minor}"),
            Self::Exact(version) => version.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().expect("a version")
    }

    #[test]
    fn a_major_version_takes_its_newest() {
        let reference: Reference = "run@1".parse().expect("a reference");
        let versions = ["1.2.0", "1.10.0", "2.0.0"].map(|text| (version(text), text));
        assert_eq!(reference.wanted.pick(versions), Some("1.10.0"));
        assert_eq!(Wanted::Newest.pick(versions), Some("2.0.0"));
        assert_eq!(Wanted::Minor(1, 3).pick(versions), None);
    }

    #[test]
    fn other_forms_are_refused() {
        for text in ["", "@1", "run@", "run@one", "run@1.2.3.4", "Run", "run@+1", "run@1@2"] {
            assert_eq!(text.parse::<Reference>(), Err(BadReference), "{text}");
        }
    }
}
