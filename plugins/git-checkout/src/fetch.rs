//! Fetching the commit into its directory.

use crate::access::Access;
use crate::remote::Found;
use crate::{Config, problem};
use windlass_sdk::log::Level;
use windlass_sdk::ssh::{self, Output};
use windlass_sdk::{Error, Result};

/// Into a directory beside it, which then takes its place. A server that gives no single commits is asked for all.
const FETCH: &str = r#"
mkdir -p -- "$(dirname -- "$DIRECTORY")" && rm -rf -- "$DIRECTORY.part" && git init -q -- "$DIRECTORY.part" || exit 94
wanted=FETCH_HEAD
git -C "$DIRECTORY.part" fetch --depth 1 --no-tags -- "$URL" "$WANTED" || {
    [ "$WANTED" = "$SHA" ] || exit
    echo "it gives no single commits: fetching all branches and tags" >&2
    git -C "$DIRECTORY.part" fetch -- "$URL" "+refs/heads/*:refs/remotes/all/*" "+refs/tags/*:refs/tags/*" || exit
    git -C "$DIRECTORY.part" cat-file -e "$SHA^{commit}" 2>/dev/null || exit 93
    wanted=$SHA
}
git -C "$DIRECTORY.part" -c advice.detachedHead=false checkout -q --detach "$wanted" || exit 94
rm -rf -- "$DIRECTORY" && mv -- "$DIRECTORY.part" "$DIRECTORY" || exit 94
"#;
/// Hash, author, time and first line, separated by NUL, which none of them has.
const FORMAT: &str = "--format=%H%x00%an <%ae>%x00%cI%x00%s";

/// A commit, as far as git said.
pub(crate) struct Read {
    pub(crate) sha: String,
    pub(crate) author: Option<String>,
    pub(crate) time: Option<String>,
    pub(crate) message: Option<String>,
}

/// Whether there is a directory already.
pub(crate) fn exists(target: &str, directory: &str) -> Result<bool> {
    Ok(ssh::command(target).argv(["test", "-e", directory]).reads().run()?.succeeded())
}

/// # Errors
/// Those of [`problem::explain`]; `not-found` (`no-such-commit`); `failed` (`no-directory`).
pub(crate) fn fetch(target: &str, config: &Config, found: &Found, access: &Access) -> Result<()> {
    let url = &config.repository;
    let command = access
        .command(target, "git fetch", FETCH)
        .env("URL", url.as_str())
        .env("WANTED", &found.fetch)
        .env("SHA", &found.sha)
        .env("DIRECTORY", config.directory.as_str())
        .idempotent()
        .tee(Level::Debug);
    let output = command.run()?;
    match output.status() {
        Some(93) => Err(Error::not_found(format!("the repository {url} has no commit {}", found.sha))
            .code("no-such-commit")
            .hint("push the commit, or name a branch or a tag: `ref`")),
        Some(94) => output.success().map(drop).map_err(|error| {
            error.code("no-directory").hint(format!(
                "the user that Windlass connects as must be able to write {} on {target}, and the disk must have room",
                config.directory
            ))
        }),
        _ => problem::explain(output, target, url).map(drop),
    }
}

/// What the commit says of itself.
pub(crate) fn read(target: &str, directory: &str, found: &Found) -> Result<Read> {
    let output = ssh::command(target)
        .argv(["git", "-C", directory, "log", "-1", FORMAT])
        .env("LC_ALL", "C.UTF-8")
        .idempotent()
        .assume(Output::ok(found.sha.as_str()))
        .run()?
        .success()?;
    let text = output.stdout();
    let mut parts = text.splitn(4, '\0').map(str::trim).map(str::to_owned);
    let mut next = || parts.next().filter(|part| !part.is_empty());
    let sha = next().unwrap_or_else(|| found.sha.clone());
    Ok(Read { sha, author: next(), time: next(), message: next() })
}

/// Removes the directory, and what was left of making it.
pub(crate) fn remove(target: &str, directory: &str) -> Result<()> {
    let part = format!("{directory}.part");
    ssh::command(target).argv(["rm", "-rf", "--", directory, &part]).idempotent().run()?.success().map(drop)
}
