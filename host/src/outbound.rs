//! Requests to the outside: an HTTP client that cannot be turned against the operator's own network.
//!
//! Each host must be granted, also the one that a redirect leads to. Each address that a name leads to must be one of
//! the world, or granted by itself; the connection goes to an address that was checked. There is no proxy, no cookie,
//! and no connection that is used twice.

mod address;
mod connect;
mod error;
mod grant;
mod redirect;
mod request;
mod send;
mod sigv4;

pub use connect::CONNECT_TIMEOUT;
pub use error::OutboundError;
pub use grant::{Allowed, Endpoint, check_grant};
pub use request::{Header, Request, parse_url};
pub use sigv4::Signature;

use crate::exchange::Tls;
use std::sync::Arc;

/// Sends requests to the outside. Cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    inner: Arc<Inner>,
}

struct Inner {
    tls: Tls,
    lookup: connect::Lookup,
}

impl Outbound {
    /// A client that trusts these certificate authorities.
    pub fn new(tls: Tls) -> Self {
        Self { inner: Arc::new(Inner { tls, lookup: connect::system_lookup() }) }
    }

    /// Whom it trusts.
    pub fn tls(&self) -> &Tls {
        &self.inner.tls
    }
}

/// Refuses a host that is not granted, before anything is sent. Its addresses are checked when it is connected to.
pub fn check(endpoint: &Endpoint, allowed: &Allowed) -> Result<(), OutboundError> {
    connect::check_host(endpoint, allowed)
}

#[cfg(test)]
pub(crate) mod tests;
