//! Looking up what is asked for, before anything is changed.

use crate::access::Access;
use crate::problem;
use crate::reference::Wanted;
use crate::url::RepositoryUrl;
use windlass_sdk::{Error, Result};

/// Shows the refs that may be meant. A commit is not among them, and the default branch shows whether the
/// repository can be read.
const LOOK: &str =
    r#"git ls-remote --symref -- "$URL" HEAD ${NAME:+"refs/heads/$NAME" "refs/tags/$NAME" "refs/tags/$NAME^{}"}"#;

/// What was asked for, as the repository knows it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// As people say it: `main`, `the tag v1`.
    pub(crate) name: String,
    /// What git is asked to fetch: a ref's full name, or a hash.
    pub(crate) fetch: String,
    pub(crate) sha: String,
    pub(crate) branch: Option<String>,
}

/// # Errors
/// Those of [`problem::explain`], and `not-found` (`no-such-ref`).
pub(crate) fn look_up(target: &str, url: &RepositoryUrl, wanted: &Wanted, access: &Access) -> Result<Found> {
    let name = match wanted {
        Wanted::Name(name) => name.as_str(),
        Wanted::Head | Wanted::Commit(_) => "",
    };
    let look = access.command(target, "git ls-remote", LOOK).env("URL", url.as_str()).env("NAME", name);
    let output = problem::explain(look.reads().run()?, target, url)?;
    find(&output.stdout(), wanted).ok_or_else(|| no_such_ref(url, wanted))
}

fn no_such_ref(url: &RepositoryUrl, wanted: &Wanted) -> Error {
    match wanted {
        Wanted::Head => Error::not_found(format!("the repository {url} has no default branch"))
            .code("no-such-ref")
            .hint("push a commit to it, or name a branch: `ref`"),
        _ => Error::not_found(format!("the repository {url} has no branch or tag `{wanted}`"))
            .code("no-such-ref")
            .hint("push it, or name another: a branch, a tag, or the 40 digits of a commit"),
    }
}

/// Takes git's answer apart: `<sha>\t<ref>` lines, and `ref: <ref>\tHEAD` for the default branch.
fn find(answer: &str, wanted: &Wanted) -> Option<Found> {
    let line = |name: &str| {
        let mut lines = answer.lines().filter_map(|line| line.split_once('\t'));
        lines.find(|(sha, found)| *found == name && !sha.starts_with("ref:")).map(|(sha, _)| sha.to_owned())
    };
    match wanted {
        Wanted::Commit(sha) => {
            Some(Found { name: wanted.to_string(), fetch: sha.clone(), sha: sha.clone(), branch: None })
        }
        Wanted::Head => {
            let sha = line("HEAD")?;
            let default = answer.lines().find_map(|line| line.strip_prefix("ref: ")?.strip_suffix("\tHEAD"));
            let branch = default.and_then(|name| name.strip_prefix("refs/heads/")).map(str::to_owned);
            let name = branch.clone().unwrap_or_else(|| "HEAD".to_owned());
            Some(Found { name, fetch: default.unwrap_or("HEAD").to_owned(), sha, branch })
        }
        Wanted::Name(name) => {
            let (head, tag) = (format!("refs/heads/{name}"), format!("refs/tags/{name}"));
            if let Some(sha) = line(&head) {
                return Some(Found { name: name.clone(), fetch: head, sha, branch: Some(name.clone()) });
            }
            // An annotated tag has a hash of its own; `^{}` is the commit's.
            let sha = line(&format!("{tag}^{{}}")).or_else(|| line(&tag))?;
            Some(Found { name: format!("the tag {name}"), fetch: tag, sha, branch: None })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "ref: refs/heads/trunk\tHEAD\naaa\tHEAD\nbbb\trefs/heads/v1\nccc\trefs/tags/v1\n\
                          ddd\trefs/tags/v2\neee\trefs/tags/v2^{}\n";

    fn found(wanted: &str) -> Option<(String, String)> {
        find(ANSWER, &Wanted::parse(wanted).unwrap()).map(|found| (found.fetch, found.sha))
    }

    #[test]
    fn a_branch_comes_before_a_tag_and_a_tags_commit_before_the_tag() {
        let pair = |fetch: &str, sha: &str| Some((fetch.to_owned(), sha.to_owned()));
        assert_eq!(found(""), pair("refs/heads/trunk", "aaa"));
        assert_eq!(found("v1"), pair("refs/heads/v1", "bbb"));
        assert_eq!(found("v2"), pair("refs/tags/v2", "eee"));
        assert_eq!(found("v3"), None);
    }
}
