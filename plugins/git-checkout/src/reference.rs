//! What of a repository is asked for.

use crate::refused;
use std::fmt;
use windlass_sdk::Result;

/// A branch or tag, a commit, or the default branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The default branch.
    Head,
    /// A branch or a tag.
    Name(String),
    /// A whole hash.
    Commit(String),
}

impl Wanted {
    /// Refuses whatever git could take for an option or a pattern, and a shell for a command.
    ///
    /// # Errors
    /// `invalid-input` (`bad-ref`).
    pub(crate) fn parse(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Ok(Self::Head);
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "._/+@=,#-".contains(c);
        let begins = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let odd = text.contains("..") || text.contains("@{") || text.contains("//") || text.ends_with(['/', '.']);
        if !text.chars().all(plain) || !text.starts_with(begins) || odd || text.ends_with(".lock") {
            return Err(refused(
                format!("`{text}` cannot be the name of a branch, a tag or a commit"),
                "use letters, digits and any of . _ / + @ = , # - and begin with a letter or digit",
            )
            .code("bad-ref"));
        }
        let hash = matches!(text.len(), 40 | 64) && text.chars().all(|c| c.is_ascii_hexdigit());
        Ok(if hash { Self::Commit(text.to_ascii_lowercase()) } else { Self::Name(text.to_owned()) })
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head => f.write_str("the default branch"),
            Self::Name(name) => f.write_str(name),
            Self::Commit(sha) => write!(f, "the commit {sha}"),
        }
    }
}
