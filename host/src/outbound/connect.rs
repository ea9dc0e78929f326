//! Connecting to an endpoint: what is checked is what is connected to.

use super::{Allowed, Endpoint, Outbound, OutboundError};
use futures::future::BoxFuture;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;

/// All addresses of a name together get this long.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Finds the addresses of a name.
pub(super) type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The machine's own way to find names.
pub(super) fn system_lookup() -> Lookup {
    Arc::new(|host| {
        Box::pin(async move {
            // The port is put in later.
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    })
}

impl Outbound {
    /// Connects, if the host is granted and each of its addresses is one of the world or granted by itself. The name
    /// is looked up once: the connection goes to an address that was checked.
    pub async fn connect(&self, endpoint: &Endpoint, allowed: &Allowed) -> Result<TcpStream, OutboundError> {
        let host = endpoint.to_string();
        let work = async {
            let addresses = self.addresses(endpoint, allowed).await?;
            let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
            let share = CONNECT_TIMEOUT / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
            for address in addresses {
                match tokio::time::timeout(share, TcpStream::connect(address)).await {
                    Ok(Ok(stream)) => return Ok(stream),
                    Ok(Err(error)) => last = error,
                    Err(_) => last = io::ErrorKind::TimedOut.into(),
                }
            }
            Err(OutboundError::Unreachable { host: host.clone(), reason: connect_reason(&last) })
        };
        let reason = || format!("no connection within {} s", CONNECT_TIMEOUT.as_secs());
        let timed_out = |_| Err(OutboundError::Unreachable { host: host.clone(), reason: reason() });
        tokio::time::timeout(CONNECT_TIMEOUT, work).await.unwrap_or_else(timed_out)
    }

    /// Where a connection for this endpoint may go.
    async fn addresses(&self, endpoint: &Endpoint, allowed: &Allowed) -> Result<Vec<SocketAddr>, OutboundError> {
        check_host(endpoint, allowed)?;
        let found = match endpoint.address() {
            Some(address) => vec![address],
            None => {
                let host = endpoint.host();
                let unknown = |reason: String| OutboundError::NameUnknown { host: host.clone(), reason };
                let found = (self.inner.lookup)(host.clone()).await.map_err(|error| unknown(error.to_string()))?;
                match found.is_empty() {
                    true => return Err(unknown("it has no address".into())),
                    false => found,
                }
            }
        };
        check_addresses(endpoint, &found, allowed)
    }
}

/// Refuses a host that is not granted. Nothing is looked up.
pub(super) fn check_host(endpoint: &Endpoint, allowed: &Allowed) -> Result<(), OutboundError> {
    match allowed.allows(endpoint) {
        true => Ok(()),
        false => Err(OutboundError::HostDenied { what: endpoint.to_string(), from: None }),
    }
}

/// Refuses all where one is refused: a name that mixes the world's addresses with the operator's own is a trap.
pub(super) fn check_addresses(
    endpoint: &Endpoint,
    found: &[IpAddr],
    allowed: &Allowed,
) -> Result<Vec<SocketAddr>, OutboundError> {
    match found.iter().find(|address| !allowed.address(endpoint, **address)) {
        Some(address) => Err(OutboundError::AddressDenied {
            host: endpoint.to_string(),
            address: *address,
            what: endpoint.grant_of(address.to_canonical()),
            from: None,
        }),
        None => Ok(found.iter().map(|address| SocketAddr::new(*address, endpoint.port())).collect()),
    }
}

fn connect_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".into(),
        io::ErrorKind::TimedOut => "no answer to the attempt to connect".into(),
        _ => error.to_string(),
    }
}
