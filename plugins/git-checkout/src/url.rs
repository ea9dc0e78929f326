//! Where a repository is.

use crate::refused;
use schemars::JsonSchema;
use serde::Deserialize;
use std::fmt;
use windlass_sdk::Result;

/// The URL of a repository.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct RepositoryUrl(String);

/// How a repository is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Https,
    /// Unencrypted.
    Http,
    Ssh,
    File,
}

const HINT: &str = "write https://host/path, ssh://user@host/path, git@host:path or file:///path";

impl RepositoryUrl {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// # Errors
    /// It is none, or it holds a password.
    pub(crate) fn check(&self) -> Result<()> {
        if self.0.is_empty() {
            return Err(refused("`repository` is empty".to_owned(), HINT));
        }
        let strange = |c: char| c.is_whitespace() || c.is_control() || "`$;&|<>\"'\\(){}".contains(c);
        if self.0.starts_with('-') || self.0.contains(strange) || self.transport().is_none() {
            return Err(refused(format!("`{}` is not the URL of a repository", self.0), HINT));
        }
        if self.user_info().is_some_and(|user| user.contains(':') || self.is_web()) {
            return Err(refused(
                format!("the URL of the repository at {} names who signs in", self.origin()),
                "leave that out of the URL, and give `token = { secret = \"NAME\" }`",
            ));
        }
        Ok(())
    }

    pub(crate) fn transport(&self) -> Option<Transport> {
        match self.0.split_once("://") {
            Some(("https", rest)) if !rest.is_empty() => Some(Transport::Https),
            Some(("http", rest)) if !rest.is_empty() => Some(Transport::Http),
            Some(("ssh", rest)) if !rest.is_empty() && !rest.starts_with('-') => Some(Transport::Ssh),
            Some(("file", rest)) if rest.starts_with('/') => Some(Transport::File),
            Some(_) => None,
            // As in `git@host:path`; two colons would name a helper of git's.
            None => {
                let (host, path) = self.0.split_once(':')?;
                let plain = !host.is_empty() && !host.contains('/') && !path.is_empty() && !path.starts_with(':');
                plain.then_some(Transport::Ssh)
            }
        }
    }

    fn is_web(&self) -> bool {
        matches!(self.transport(), Some(Transport::Https | Transport::Http))
    }

    fn authority(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default()
    }

    fn user_info(&self) -> Option<&str> {
        self.authority().rsplit_once('@').map(|(user, _)| user)
    }

    /// The host with its port.
    fn host(&self) -> &str {
        self.authority().rsplit('@').next().unwrap_or_default()
    }

    /// Scheme and host, such as `https://git.example.com`: whom a token is for.
    pub(crate) fn origin(&self) -> String {
        let scheme = self.0.split_once("://").map_or("ssh", |(scheme, _)| scheme);
        format!("{scheme}://{}", self.host())
    }

    /// Whether nobody on a network can read along.
    pub(crate) fn is_private(&self) -> bool {
        let host = self.host();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        self.transport() != Some(Transport::Http) || name == "localhost" || name.starts_with("127.")
    }
}

impl fmt::Display for RepositoryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
