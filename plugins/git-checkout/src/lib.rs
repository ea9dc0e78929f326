//! The plugin `git-checkout`: puts a commit of a repository into a directory on the stage's target, by the `git`
//! that is there.
//!
//! A token or a key reaches git only through the connection: never an argument, a URL, a list of processes or a
//! file. What is asked for is looked up first, so that a plan says which commit it is, and a wrong name changes
//! nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_process_kit::RemotePath;
use windlass_sdk::{Context, Error, Result, Stage, Text, UndoFn, control, log};

mod access;
mod fetch;
mod problem;
mod reference;
mod remote;
mod url;

use reference::Wanted;
use remote::Found;
use url::RepositoryUrl;

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The repository: `https://…`, `ssh://…`, `git@host:path`, or `file:///path` on the target.
    #[schemars(extend("examples" = ["https://git.example.com/shop.git"]))]
    repository: RepositoryUrl,
    /// A branch, a tag or a whole commit hash. Empty: the release's commit, and where it has none, the default
    /// branch.
    #[serde(default, rename = "ref")]
    #[schemars(regex(pattern = r"^([A-Za-z0-9_][A-Za-z0-9._/+@=,#-]*)?$"))]
    reference: String,
    /// The directory to make on the target: absolute, or relative to the home directory. What it held before is
    /// replaced.
    #[schemars(extend("examples" = ["/srv/shop/source"]))]
    directory: RemotePath,
    /// For `https`: what signs in, `{ secret = "NAME" }`.
    #[serde(default)]
    token: Option<Text>,
    /// For `https`: the user name that goes with the token. Hosting services take any.
    #[serde(default = "default_username")]
    username: String,
    /// For `ssh`: the private key, `{ secret = "NAME" }`, without a passphrase. Absent: those of the connection's
    /// user on the target.
    #[serde(default)]
    ssh_key: Option<Text>,
    /// For `ssh`: lines of `known_hosts` for the repository's host. Empty: those of the connection's user.
    #[serde(default)]
    known_hosts: String,
}

fn default_username() -> String {
    "x-access-token".to_owned()
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// The commit. The deployment shows it as what its release was made from.
    commit: Commit,
    /// When it was committed, RFC 3339; absent in a plan.
    time: Option<String>,
    /// The directory it is in.
    directory: String,
}

/// A commit.
#[derive(Debug, Serialize, JsonSchema)]
struct Commit {
    /// The full hash.
    sha: String,
    /// The branch, where one was asked for.
    branch: Option<String>,
    /// The first line of its message; absent in a plan.
    message: Option<String>,
    /// Its author, `Name <address>`; absent in a plan.
    author: Option<String>,
}

/// What `undo` must know.
#[derive(Debug, Serialize, Deserialize)]
struct Before {
    /// The directory was not there: this deployment made it.
    made: bool,
}

/// The stage.
#[derive(Debug)]
pub struct GitCheckout;

impl Stage for GitCheckout {
    const NAME: &'static str = "git-checkout";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Puts a commit of a git repository into a directory on the target";
    type Config = Config;
    type Outputs = Outputs;
    const UNDO: Option<UndoFn<Config>> = Some(undo);

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let target = ctx.target()?;
        config.repository.check()?;
        let wanted = wanted(ctx, &config)?;
        let access = access::Access::new(&config)?;
        let found = remote::look_up(target, &config.repository, &wanted, &access)?;
        log::info!("{} of {} is {}", found.name, config.repository, found.sha);

        let there = fetch::exists(target, config.directory.as_str())?;
        // An attempt before this one may have made it.
        let earlier = ctx.checkpoint::<Before>()?.is_some_and(|before| before.made);
        control::checkpoint(&Before { made: earlier || !there })?;

        fetch::fetch(target, &config, &found, &access)?;
        let read = fetch::read(target, config.directory.as_str(), &found)?;
        if let (Some(message), Some(author)) = (&read.message, &read.author) {
            log::info!("{}: {message} ({author})", short(&read.sha));
        }
        let branch = branch(ctx, &found);
        let commit = Commit { sha: read.sha, branch, message: read.message, author: read.author };
        Ok(Outputs { commit, time: read.time, directory: config.directory.to_string() })
    }
}

/// What is asked for: `ref`, else the release's own commit, else the default branch.
fn wanted(ctx: &Context, config: &Config) -> Result<Wanted> {
    match (config.reference.as_str(), &ctx.release.commit) {
        ("", Some(commit)) => Wanted::parse(&commit.sha),
        (reference, _) => Wanted::parse(reference),
    }
}

/// The branch that was asked for, or that the release's commit is said to be on.
fn branch(ctx: &Context, found: &Found) -> Option<String> {
    let of_release = || ctx.release.commit.as_ref().filter(|commit| commit.sha == found.sha)?.branch.clone();
    found.branch.clone().or_else(of_release)
}

/// A hash as people write it.
fn short(sha: &str) -> &str {
    sha.get(..10).unwrap_or(sha)
}

fn undo(ctx: &Context, config: Config) -> Result<()> {
    match ctx.checkpoint::<Before>()? {
        Some(Before { made: true }) => fetch::remove(ctx.target()?, config.directory.as_str()),
        Some(Before { made: false }) => {
            log::info!("{} was there before this deployment, and stays", config.directory);
            Ok(())
        }
        None => {
            log::info!("nothing was changed");
            Ok(())
        }
    }
}

/// An error of the stage's configuration.
fn refused(message: String, hint: &str) -> Error {
    Error::invalid_input(message).hint(hint)
}

windlass_sdk::export!(GitCheckout);

#[cfg(test)]
mod tests;
