//! What can go wrong with a file on a target, recognized from what the target's programs said.

use crate::ssh::error::SshErrorKind;
use crate::ssh::exec::Exit;

/// Why a file could not be written, read or unpacked. The transport adds the target and the path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    #[error("no space left on the target's disk")]
    NoSpace,
    #[error("permission denied")]
    PermissionDenied,
    #[error("is a directory")]
    IsADirectory,
    #[error("no such file or directory")]
    NotFound,
    #[error("{path} is a directory there and a file in the archive, or the other way round")]
    Mixed { path: String },
    #[error("larger than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("the archive cannot be unpacked: {reason}")]
    BadArchive { reason: String },
    #[error("the archive cannot be read on the server: {reason}")]
    Unreadable { reason: String },
    #[error("{reason}")]
    Other { reason: String },
}

impl FileError {
    pub(super) fn recognize(messages: &str) -> Option<Self> {
        // BusyBox says in lower case what others begin with a capital.
        let messages = messages.to_lowercase();
        let says = |texts: &[&str]| texts.iter().any(|text| messages.contains(text));
        if says(&["no space left", "disk quota exceeded", "wrote only"]) {
            Some(Self::NoSpace)
        } else if says(&["permission denied", "operation not permitted", "read-only file system"]) {
            Some(Self::PermissionDenied)
        } else if says(&["is a directory"]) {
            Some(Self::IsADirectory)
        } else if says(&["no such file", "nonexistent", "not a directory"]) {
            Some(Self::NotFound)
        } else {
            None
        }
    }

    pub(super) fn bad_archive(messages: &str) -> Self {
        Self::BadArchive { reason: first_line(messages, "tar failed") }
    }

    pub(super) fn other(messages: &str, exit: &Exit) -> Self {
        Self::Other { reason: first_line(messages, &format!("the target's shell ended with {exit:?}")) }
    }

    pub(in crate::ssh) fn kind(&self) -> SshErrorKind {
        match self {
            Self::NotFound => SshErrorKind::NotFound,
            _ => SshErrorKind::Failed,
        }
    }

    pub(in crate::ssh) fn code(&self) -> &'static str {
        match self {
            Self::NoSpace => "no-space",
            Self::PermissionDenied => "permission-denied",
            Self::IsADirectory => "is-a-directory",
            Self::NotFound => "not-found",
            Self::Mixed { .. } => "not-a-directory",
            Self::TooLarge { .. } => "too-large",
            Self::BadArchive { .. } => "bad-archive",
            Self::Unreadable { .. } => "artifact-unreadable",
            Self::Other { .. } => "file-failed",
        }
    }

    pub(in crate::ssh) fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoSpace => "free some space on the target (df -h), then deploy again",
            Self::PermissionDenied => "let the connection's user write there, or use sudo",
            Self::IsADirectory => "name a file, not a directory",
            Self::NotFound => "check the path, or have the missing parent directories made",
            Self::Mixed { .. } => "move it away on the target, or have what the archive does not have deleted",
            Self::TooLarge { .. } => "read a smaller file, or raise the limit",
            Self::BadArchive { .. } => "check that the artifact is a tar archive, gzipped or not, and build it again",
            Self::Unreadable { .. } => "check the server's data directory",
            Self::Other { .. } => return None,
        })
    }
}

/// Programs say most in their first line.
fn first_line(messages: &str, otherwise: &str) -> String {
    messages.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or(otherwise).to_owned()
}

#[cfg(test)]
mod tests {
    use super::FileError;

    #[test]
    fn recognizes_what_shells_and_tools_say() {
        let said = [
            ("cat: write error: No space left on device", FileError::NoSpace),
            // What tar says of a disk that filled up in the middle of a block.
            ("tar: a: Wrote only 2560 of 10240 bytes", FileError::NoSpace),
            ("sh: 7: cannot create /etc/x: Permission denied", FileError::PermissionDenied),
            ("sh: 7: cannot create /no/such/x: Directory nonexistent", FileError::NotFound),
            ("sh: can't open /no/such: no such file", FileError::NotFound),
            ("sh: 3: cannot open /no/such: No such file", FileError::NotFound),
            ("mkdir: cannot create directory 'a': Not a directory", FileError::NotFound),
            ("tar: a: Cannot open: Read-only file system", FileError::PermissionDenied),
        ];
        for (text, error) in said {
            assert_eq!(FileError::recognize(text), Some(error), "{text}");
        }
        assert_eq!(FileError::recognize("tar: This does not look like a tar archive"), None);
    }
}
