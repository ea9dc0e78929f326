//! The Docker engine of a target, through the target's SSH connection. Nothing listens on a port.
//!
//! A request opens a channel to the engine's socket; where the SSH server forbids that, it goes through the
//! target's own `docker system dial-stdio`.

mod build;
mod container;
mod create;
mod diagnosis;
mod failure;
mod image;
mod network;
mod output;
mod progress;
mod spec;
mod transport;

use crate::ssh::{Connection, SshError};
use bollard::{API_DEFAULT_VERSION, Docker};
use tokio_util::sync::CancellationToken;
use transport::Transport;
use windlass_api_types::Failure;

pub use build::{Build, Context};
pub use container::Container;
pub use image::{Credentials, Image};
pub use output::{Command, LogLine};
pub use spec::{Mount, Spec};

/// Where engines listen.
pub const SOCKET: &str = "/var/run/docker.sock";

/// Seconds until an answer begins: as long as anything takes. The stage's own limit ends it, and SSH notices a
/// target that is gone.
const PATIENCE: u64 = 7 * 24 * 3600;

/// What can go wrong.
#[derive(Clone, Debug)]
pub enum EngineError {
    /// With the connection to the target.
    Ssh(SshError),
    /// With the engine, or by its word.
    Engine(Failure),
}

impl From<SshError> for EngineError {
    fn from(error: SshError) -> Self {
        Self::Ssh(error)
    }
}

impl From<Failure> for EngineError {
    fn from(failure: Failure) -> Self {
        Self::Engine(failure)
    }
}

/// The engine of a target.
pub struct Engine {
    client: Docker,
    connection: Connection,
}

impl Engine {
    /// Reaches the engine and agrees with it on a version of its API.
    pub async fn connect(connection: Connection, cancel: &CancellationToken) -> Result<Self, EngineError> {
        let transport = Transport::new(connection.clone(), cancel.clone());
        let request = move |request| transport.clone().request(request);
        let client =
            Docker::connect_with_custom_transport(request, Some("http://docker"), PATIENCE, API_DEFAULT_VERSION);
        let agreed = async { client?.negotiate_version().await };
        let client = agreed.await.map_err(|error| failure::of(&connection.address().name, "reach Docker", error))?;
        Ok(Self { client, connection })
    }

    /// The target's name, for messages.
    fn target(&self) -> &str {
        &self.connection.address().name
    }

    /// The failure of what was to be done, such as `start shop`.
    fn failed(&self, what: impl AsRef<str>) -> impl FnOnce(bollard::errors::Error) -> EngineError {
        let (target, what) = (self.target().to_owned(), what.as_ref().to_owned());
        move |error| failure::of(&target, &what, error)
    }
}

/// What is there, or nothing where the engine says that it is not.
fn found<T>(answer: Result<T, bollard::errors::Error>) -> Result<Option<T>, bollard::errors::Error> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
