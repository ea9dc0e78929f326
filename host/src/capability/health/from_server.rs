//! One attempt to find something healthy, as seen from the server, by the rules of requests to the outside.

use crate::capability::Granter;
use crate::capability::http::http_failure;
use crate::exchange::HttpLook;
use crate::outbound::{Allowed, Endpoint, Outbound, OutboundError};
use crate::ssh::probe::{Attempt, Probe, no_answer};
use std::time::{Duration, Instant};
use windlass_api_types::{ErrorKind, Failure, RepeatPolicy};

/// Looks once. What is not granted is an error, and not unhealthy.
pub(super) async fn look(
    probe: &Probe,
    timeout: Duration,
    outbound: &Outbound,
    allowed: &Allowed,
    granter: &Granter,
) -> Result<Attempt, Failure> {
    let begun = Instant::now();
    let endpoint = endpoint(probe)?;
    let looking = async {
        let stream = outbound.connect(&endpoint, allowed).await?;
        Ok(match probe {
            Probe::Http(look) => look.at(stream).await.unwrap_or_else(|reason| (false, reason)),
            _ => (true, "connected".to_owned()),
        })
    };
    let (healthy, answer) = match tokio::time::timeout(timeout, looking).await {
        Ok(Ok(found)) => found,
        Ok(Err(error @ (OutboundError::HostDenied { .. } | OutboundError::AddressDenied { .. }))) => {
            return Err(http_failure(error, granter, RepeatPolicy::Read));
        }
        Ok(Err(OutboundError::Unreachable { reason, .. } | OutboundError::NameUnknown { reason, .. })) => {
            (false, reason)
        }
        Ok(Err(error)) => (false, error.to_string()),
        Err(_) => (false, no_answer(timeout)),
    };
    Ok(Attempt { healthy, latency: begun.elapsed(), reason: format!("{} → {answer}", probe.describe()) })
}

/// Where the probe goes.
pub(super) fn endpoint(probe: &Probe) -> Result<Endpoint, Failure> {
    let invalid = |message: String| Failure::new(ErrorKind::InvalidInput, "bad-probe", message);
    let (host, port, usual) = match probe {
        Probe::Http(HttpLook { host, port, tls, .. }) => (host, *port, Some(if tls.is_some() { 443 } else { 80 })),
        Probe::Tcp { host, port } => (host, *port, None),
        Probe::Exec { .. } => {
            return Err(invalid("a health check that runs a command needs a target to run it on".into()));
        }
    };
    Endpoint::new(host, port, usual).ok_or_else(|| invalid(format!("`{host}` is no host that can be probed")))
}
