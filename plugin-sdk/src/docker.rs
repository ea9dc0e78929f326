//! The Docker engine of a target, through the target's SSH connection.
//!
//! What a container is created from is a [`Spec`]. Functions that change something are idempotent: repeated
//! after a crash they find it done. In a dry run they answer as if they had succeeded; those that only look
//! something up are performed, and see what is there before.
//!
//! All of them may fail with `denied`, `unreachable` (`docker-not-running`), `not-found`
//! (`docker-not-installed`), `canceled`, and `failed` (`docker-failed`: the engine's own words). What else may
//! happen is said beside each.

use crate::{Result, host};
use std::time::Duration;

mod build;
mod exec;
mod request;
mod spec;
mod types;

pub use build::{Build, BuildContext, BuildRequest, build_archive, build_directory};
pub use exec::{Exec, ExecRequest, Repeat, exec};
pub use request::{Reply, Request};
pub use spec::{Health, Limits, Log, Mount, Network, Port, Protocol, Restart, RestartPolicy, Spec};
pub use types::{Container, ExecOutput, Image, LogLine, RegistryCredentials, repository};

/// Milliseconds, as the contract counts.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The same where the contract has less room.
fn short_millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

/// Pulls an image by tag or digest; without either the tag is `latest`. Its progress goes to the log.
///
/// # Errors
/// `not-found` (`no-such-image`), `denied` (`registry-denied`, `secret-denied`), `unreachable`
/// (`registry-unreachable`), `failed` (`no-space`).
pub fn pull(target: &str, image: &str, credentials: Option<RegistryCredentials>) -> Result<Image> {
    host::docker(Request::Pull { target: target.into(), image: image.into(), credentials }).map(Reply::image)
}

/// Looks an image up on the target.
///
/// # Errors
/// Those of all functions.
pub fn image(target: &str, image: &str) -> Result<Option<Image>> {
    host::docker(Request::ImageInspect { target: target.into(), image: image.into() }).map(Reply::maybe_image)
}

/// Gives an image another name.
///
/// # Errors
/// `not-found` (`no-such-image`).
pub fn tag(target: &str, image: &str, name: &str) -> Result<()> {
    host::docker(Request::Tag { target: target.into(), image: image.into(), name: name.into() }).map(Reply::done)
}

/// Pushes an image under its name; answers the digest the registry gave it, which is empty in a dry run.
///
/// # Errors
/// As [`pull`].
pub fn push(target: &str, image: &str, credentials: Option<RegistryCredentials>) -> Result<String> {
    host::docker(Request::Push { target: target.into(), image: image.into(), credentials }).map(Reply::text)
}

/// Removes the images of a repository but for the `keep` newest and those in use; answers the names it removed.
///
/// # Errors
/// Those of all functions.
pub fn prune(target: &str, repository: &str, keep: u32) -> Result<Vec<String>> {
    host::docker(Request::Prune { target: target.into(), repository: repository.into(), keep }).map(Reply::names)
}

/// Creates a container without starting it; answers its id, which is empty in a dry run. One of the same name,
/// spec and image is answered as it is.
///
/// # Errors
/// `invalid-input` (`bad-spec`), `denied` (`docker-denied`, `secret-denied`), `not-found` (`no-such-image`,
/// `no-such-network`), `conflict` (`name-taken`).
pub fn create(target: &str, spec: &Spec) -> Result<String> {
    host::docker(Request::Create { target: target.into(), spec: Box::new(spec.clone()) }).map(Reply::text)
}

/// Starts a container, and watches it for so long, at most a minute.
///
/// # Errors
/// `not-found` (`no-such-container`), `conflict` (`port-taken`), `failed` (`container-exited`: it ended while it
/// was watched, and the message has the end of its log).
pub fn start(target: &str, container: &str, settle: Duration) -> Result<()> {
    let settle_ms = short_millis(settle);
    host::docker(Request::Start { target: target.into(), container: container.into(), settle_ms }).map(Reply::done)
}

/// Stops a container: its stop signal, and KILL after the grace, in whole seconds.
///
/// # Errors
/// `not-found` (`no-such-container`).
pub fn stop(target: &str, container: &str, grace: Duration) -> Result<()> {
    let grace_ms = millis(grace);
    host::docker(Request::Stop { target: target.into(), container: container.into(), grace_ms }).map(Reply::done)
}

/// Removes a container; `force`: also one that runs. Answers whether there was one.
///
/// # Errors
/// `conflict` (`container-running`).
pub fn remove(target: &str, container: &str, force: bool) -> Result<bool> {
    host::docker(Request::Remove { target: target.into(), container: container.into(), force }).map(Reply::flag)
}

/// Gives a container another name.
///
/// # Errors
/// `not-found` (`no-such-container`), `conflict` (`name-taken`).
pub fn rename(target: &str, container: &str, name: &str) -> Result<()> {
    host::docker(Request::Rename { target: target.into(), container: container.into(), name: name.into() })
        .map(Reply::done)
}

/// Looks a container up by its name or id.
///
/// # Errors
/// Those of all functions.
pub fn container(target: &str, name: &str) -> Result<Option<Container>> {
    host::docker(Request::Inspect { target: target.into(), container: name.into() }).map(Reply::maybe_container)
}

/// The containers that have all of these labels, running or not, sorted by name; any value where it is `""`.
///
/// # Errors
/// Those of all functions.
pub fn list(target: &str, labels: &[(&str, &str)]) -> Result<Vec<Container>> {
    let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    host::docker(Request::List { target: target.into(), labels }).map(Reply::containers)
}

/// Waits until a container has ended; answers its exit status.
///
/// # Errors
/// `not-found` (`no-such-container`), `timeout`.
pub fn wait(target: &str, container: &str, timeout: Option<Duration>) -> Result<i64> {
    let timeout_ms = timeout.map(millis);
    host::docker(Request::Wait { target: target.into(), container: container.into(), timeout_ms }).map(Reply::status)
}

/// The last lines that a container wrote, and those that it writes in so long, at most a minute.
///
/// # Errors
/// `not-found` (`no-such-container`).
pub fn logs(target: &str, container: &str, tail: u32, follow: Duration) -> Result<Vec<LogLine>> {
    let follow_ms = short_millis(follow);
    let (target, container) = (target.into(), container.into());
    host::docker(Request::Logs { target, container, tail: Some(tail), since: None, follow_ms }).map(Reply::lines)
}

/// Makes a bridge network where there is none of this name; answers its id, which is empty in a dry run.
/// `internal`: without a way out.
///
/// # Errors
/// Those of all functions.
pub fn ensure_network(target: &str, name: &str, internal: bool, labels: Vec<(String, String)>) -> Result<String> {
    host::docker(Request::NetworkEnsure { target: target.into(), name: name.into(), internal, labels }).map(Reply::text)
}

/// Removes a network; answers whether there was one.
///
/// # Errors
/// `conflict` (`network-in-use`).
pub fn remove_network(target: &str, name: &str) -> Result<bool> {
    host::docker(Request::NetworkRemove { target: target.into(), name: name.into() }).map(Reply::flag)
}

/// Makes a volume of the engine where there is none of this name.
///
/// # Errors
/// Those of all functions.
pub fn ensure_volume(target: &str, name: &str, labels: Vec<(String, String)>) -> Result<()> {
    host::docker(Request::VolumeEnsure { target: target.into(), name: name.into(), labels }).map(Reply::done)
}

/// Removes a volume and what is in it; answers whether there was one.
///
/// # Errors
/// `conflict` (`volume-in-use`).
pub fn remove_volume(target: &str, name: &str) -> Result<bool> {
    host::docker(Request::VolumeRemove { target: target.into(), name: name.into() }).map(Reply::flag)
}
