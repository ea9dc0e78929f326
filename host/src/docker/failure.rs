//! What an engine says went wrong, as a failure that a person can act on.

use super::EngineError;
use super::transport::Carried;
use crate::ssh::SshError;
use bollard::errors::Error;
use windlass_api_types::{ErrorKind, Failure};

/// The failure of `what`, such as `start shop`.
pub(super) fn of(target: &str, what: &str, error: Error) -> EngineError {
    let said = match error {
        Error::DockerResponseServerError { message, .. } => message,
        Error::DockerStreamError { error } => error,
        Error::IOError { err } => match err.downcast::<Carried>() {
            Ok(carried) => return carried.0,
            Err(_) => return lost(target, what),
        },
        Error::HyperResponseError { .. } => return lost(target, what),
        other => other.to_string(),
    };
    by_word(target, what, said.trim()).into()
}

fn lost(target: &str, what: &str) -> EngineError {
    SshError::ConnectionLost { target: target.into(), during: format!("while Docker was asked to {what}") }.into()
}

/// What the engine says, and what it means.
struct Meaning {
    /// In lower case.
    words: &'static [&'static str],
    kind: ErrorKind,
    code: &'static str,
    hint: &'static str,
    retryable: bool,
}

const fn meaning(words: &'static [&'static str], kind: ErrorKind, code: &'static str, hint: &'static str) -> Meaning {
    Meaning { words, kind, code, hint, retryable: false }
}

/// The first that fits is meant.
const MEANINGS: &[Meaning] = &[
    meaning(
        &["port is already allocated", "address already in use"],
        ErrorKind::Conflict,
        "port-taken",
        "stop what listens there (docker ps and ss -ltnp on the target), or publish another port",
    ),
    meaning(
        &["no space left on device"],
        ErrorKind::Failed,
        "no-space",
        "make room on the target, such as with: docker system prune",
    ),
    meaning(
        &["is already in use by container"],
        ErrorKind::Conflict,
        "name-taken",
        "remove or rename that container, or choose another name",
    ),
    meaning(
        &["unauthorized", "no basic auth credentials", "authentication required", "access denied", "denied:"],
        ErrorKind::Denied,
        "registry-denied",
        "check the image's name, and the username and password for the registry",
    ),
    meaning(
        &["manifest unknown", "no such image", "not found: manifest", "name unknown", "repository name not known"],
        ErrorKind::NotFound,
        "no-such-image",
        "check the image's name and tag, and that it was pushed; on the target: docker pull IMAGE",
    ),
    meaning(
        &["no such container"],
        ErrorKind::NotFound,
        "no-such-container",
        "look at the containers of the target: docker ps --all",
    ),
    Meaning {
        words: &[
            "connection refused",
            "no such host",
            "i/o timeout",
            "tls handshake",
            "server misbehaving",
            "request canceled",
            "http response to https client",
            "connection reset",
            "network is unreachable",
        ],
        kind: ErrorKind::Unreachable,
        code: "registry-unreachable",
        hint: "check that the target reaches the registry, and the registry's name in the image",
        retryable: true,
    },
    meaning(
        &["has active endpoints"],
        ErrorKind::Conflict,
        "network-in-use",
        "remove the containers in the network first",
    ),
    meaning(
        &["volume is in use"],
        ErrorKind::Conflict,
        "volume-in-use",
        "remove the containers that have the volume first",
    ),
    meaning(
        &["cannot remove a running container", "cannot remove container"],
        ErrorKind::Conflict,
        "container-running",
        "stop it first, or remove it with `force`",
    ),
    meaning(
        &["is not running"],
        ErrorKind::Conflict,
        "container-not-running",
        "start the container first; why it ended is in its log: docker logs",
    ),
];

const OTHERWISE: Meaning =
    meaning(&[], ErrorKind::Failed, "docker-failed", "look at the engine's log on the target: journalctl -u docker");

/// The failure that the engine's words stand for.
pub(super) fn by_word(target: &str, what: &str, said: &str) -> Failure {
    let lower = said.to_lowercase();
    let meant = |meaning: &&Meaning| meaning.words.iter().any(|words| lower.contains(words));
    let mut meaning = MEANINGS.iter().find(meant).unwrap_or(&OTHERWISE);
    const NO_NETWORK: Meaning = meaning_of_network();
    if lower.starts_with("network ") && lower.ends_with(" not found") {
        meaning = &NO_NETWORK;
    }
    let failure = Failure::new(meaning.kind, meaning.code, format!("{target}: Docker cannot {what}: {said}"));
    Failure { retryable: meaning.retryable, ..failure.hint(meaning.hint) }
}

const fn meaning_of_network() -> Meaning {
    meaning(
        &[],
        ErrorKind::NotFound,
        "no-such-network",
        "make it first, with a stage that uses the plugin `docker-network`",
    )
}

/// A spec that cannot be what was meant.
pub(super) fn bad_spec(said: &str) -> Failure {
    let message = format!("the container's spec cannot be used: {said}");
    Failure::new(ErrorKind::InvalidInput, "bad-spec", message)
}

#[cfg(test)]
mod tests {
    use super::by_word;

    fn code(said: &str) -> String {
        by_word("web-1", "do it", said).code
    }

    #[test]
    fn the_words_of_engines_are_understood() {
        let bind = "driver failed programming external connectivity on endpoint shop: Bind for 0.0.0.0:80 failed: \
                    port is already allocated";
        assert_eq!(code(bind), "port-taken");
        assert_eq!(code("manifest for shop:9 not found: manifest unknown: manifest unknown"), "no-such-image");
        assert_eq!(code("Head \"http://r/v2/\": no basic auth credentials"), "registry-denied");
        assert_eq!(code("Get \"https://r/v2/\": dial tcp: lookup r: no such host"), "registry-unreachable");
        assert_eq!(code("network shop not found"), "no-such-network");
        assert_eq!(code("something new"), "docker-failed");
    }
}
