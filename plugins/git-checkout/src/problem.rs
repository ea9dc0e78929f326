//! What git says went wrong, and what to do about it.

use crate::url::{RepositoryUrl, Transport};
use windlass_sdk::ssh::Output;
use windlass_sdk::{Error, ErrorKind, Result};

/// What git says, in lower case, in the order in which it is looked for.
const UNKNOWN_HOST: &[&str] =
    &["host key verification failed", "host key is known", "remote host identification has changed"];
const REFUSED: &[&str] = &[
    "authentication failed",
    "could not read username",
    "could not read password",
    "permission denied",
    "returned error: 401",
    "returned error: 403",
    "invalid username or",
    "terminal prompts disabled",
];
const ABSENT: &[&str] =
    &["repository not found", "does not appear to be a git repository", "not found", "does not exist", "no such file"];
const UNREACHABLE: &[&str] = &[
    "could not resolve host",
    "name or service not known",
    "temporary failure in name resolution",
    "connection refused",
    "connection timed out",
    "network is unreachable",
    "no route to host",
    "failed to connect",
    "connection reset",
    "ssl",
];

/// The output where git succeeded; its words as an error where it did not.
///
/// # Errors
/// `unsupported` (`no-git`, `no-ssh-agent`), `invalid-input` (`bad-key`), `denied` (`git-denied`), `not-found`
/// (`no-such-repository`), `failed` (`unknown-host-key`), `unreachable` (`git-unreachable`), and what else git says.
pub(crate) fn explain(output: Output, target: &str, url: &RepositoryUrl) -> Result<Output> {
    match output.status() {
        Some(0) => return Ok(output),
        Some(90) => {
            return Err(Error::unsupported(format!("there is no git on {target}"))
                .code("no-git")
                .hint("install it there, such as with: apt-get install git"));
        }
        Some(91) => {
            return Err(Error::invalid_input(format!(
                "the `ssh_key` for {url} is no private key without a passphrase"
            ))
            .code("bad-key")
            .hint("set the secret anew, from the file itself: windlass secret set PROJECT/ENVIRONMENT NAME <key"));
        }
        Some(92) => {
            return Err(Error::unsupported(format!("there is no ssh-agent on {target}, which holds the `ssh_key`"))
                .code("no-ssh-agent")
                .hint("install it there, such as with: apt-get install openssh-client"));
        }
        _ => {}
    }
    let said = output.stderr().into_owned();
    let lower = said.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let error = if says(UNKNOWN_HOST) {
        Error::failed(format!("{target} does not know the host key of {}", url.origin())).code("unknown-host-key").hint(
            "give the host's line of known_hosts as `known_hosts`, after comparing it with what the host publishes",
        )
    } else if says(REFUSED) {
        Error::new(ErrorKind::Denied, format!("{url} refuses to let {target} read it: {}", last(&said)))
            .code("git-denied")
            .hint(match url.transport() {
                Some(Transport::Ssh) => "give a key that may read it, `ssh_key = { secret = \"NAME\" }`",
                _ => "check the repository's name, and give a token that may read it: `token = { secret = \"NAME\" }`",
            })
    } else if says(UNREACHABLE) {
        Error::new(ErrorKind::Unreachable, format!("{target} does not reach {url}: {}", last(&said)))
            .code("git-unreachable")
            .hint("check the URL, and that the target reaches that host")
            .retryable()
    } else if says(ABSENT) {
        Error::not_found(format!("there is no repository {url}, or it must not be seen by {target}"))
            .code("no-such-repository")
            .hint("check the URL; a private repository wants `token` or `ssh_key`")
    } else {
        return output.success();
    };
    Err(error)
}

/// The line of git's words that says most.
fn last(said: &str) -> &str {
    let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty());
    let fatal = lines().find(|line| line.starts_with("fatal:") && !line.contains("Could not read from remote"));
    fatal.or_else(|| lines().next()).unwrap_or("it does not say why").trim_start_matches("fatal: ")
}
