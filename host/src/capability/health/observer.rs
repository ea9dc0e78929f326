//! Who looks: a target, or the server itself.

use super::{WaitHealthy, from_server};
use crate::capability::ssh_exec::ssh_failure;
use crate::capability::{Granter, World};
use crate::journal::canceled;
use crate::outbound::{Allowed, Outbound};
use crate::ssh::probe::{Attempt, Probe};
use crate::ssh::{Connection, SshErrorKind};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use windlass_api_types::Failure;

/// Looks at one thing, again and again.
pub(super) struct Observer<'w> {
    probe: Probe,
    from: From<'w>,
}

enum From<'w> {
    Target(Connection),
    Server { outbound: &'w Outbound, allowed: Allowed, granter: &'w Granter },
}

impl<'w> Observer<'w> {
    pub(super) async fn new(wait: &WaitHealthy, world: &'w World) -> Result<Self, Failure> {
        let from = match &wait.target {
            Some(target) => From::Target(world.ssh.connect(world.target(target)?).await.map_err(ssh_failure)?),
            None => From::Server { outbound: &world.outbound, allowed: world.granter.http(), granter: &world.granter },
        };
        Ok(Self { probe: wait.check.probe(world)?, from })
    }

    /// Looks once. An error is none of the health: it ends the looking.
    pub(super) async fn look(&self, timeout: Duration, cancel: &CancellationToken) -> Result<Attempt, Failure> {
        match &self.from {
            From::Target(connection) => match connection.probe(&self.probe, timeout, cancel).await {
                Ok(attempt) => Ok(attempt),
                Err(error) if error.kind() == SshErrorKind::Canceled => Err(canceled()),
                // The target may be back for the next attempt; that is what attempts are for.
                Err(error) => Ok(Attempt { healthy: false, latency: Duration::ZERO, reason: error.to_string() }),
            },
            From::Server { outbound, allowed, granter } => tokio::select! {
                attempt = from_server::look(&self.probe, timeout, outbound, allowed, granter) => attempt,
                () = cancel.cancelled() => Err(canceled()),
            },
        }
    }

    /// The connection to the target, if one looks.
    pub(super) fn connection(&self) -> Option<&Connection> {
        match &self.from {
            From::Target(connection) => Some(connection),
            From::Server { .. } => None,
        }
    }
}
