//! Where the source came from, as git says. No git, or no repository, is no error: there is no commit then.

use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;
use windlass_api_types::deployment::Commit;

/// Hash, author and first line; separated by NUL, which none of them has.
const FORMAT: &str = "--format=%H%x00%an%x00%s";

/// The commit that is checked out in a directory.
pub(super) async fn head(directory: &Path) -> Option<Commit> {
    let text = git(directory, &["log", "-1", FORMAT]).await?;
    let branch = git(directory, &["symbolic-ref", "--short", "-q", "HEAD"]).await;
    commit(&text, branch)
}

/// The URL that the repository of a directory was cloned from.
pub(super) async fn origin(directory: &Path) -> Option<String> {
    git(directory, &["remote", "get-url", "origin"]).await
}

fn commit(text: &str, branch: Option<String>) -> Option<Commit> {
    let mut parts = text.splitn(3, '\0');
    let mut next = || parts.next().filter(|part| !part.is_empty()).map(str::to_owned);
    let sha = next()?;
    let (author, message) = (next(), next());
    Some(Commit { sha, branch: branch.filter(|branch| !branch.is_empty()), message, author })
}

async fn git(directory: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(arguments)
        // Looking must not take locks that a person's own git is waiting for.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .await
        .ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_git_is_taken_apart() {
        let read = commit("abc\0Ada\0Sell shoes: \"all\" of them", Some("main".into())).unwrap();
        assert_eq!(read.sha, "abc");
        assert_eq!(read.author.as_deref(), Some("Ada"));
        assert_eq!(read.message.as_deref(), Some("Sell shoes: \"all\" of them"));
        assert_eq!(read.branch.as_deref(), Some("main"));
        assert_eq!(commit("", None), None);
    }

    #[tokio::test]
    async fn a_directory_outside_a_repository_has_no_commit() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(head(dir.path()).await, None);
        assert_eq!(head(&dir.path().join("absent")).await, None);
    }
}
