//! Why a request to the outside has no answer.

use std::net::IpAddr;
use std::time::Duration;

/// Nothing here holds more of a URL than its host: the rest may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    #[error("{0}")]
    InvalidRequest(String),
    /// The host is not granted.
    #[error("{} is not granted{}", what, after_redirect(from.as_deref()))]
    HostDenied {
        /// The grant that would allow it.
        what: String,
        /// The host that redirected there.
        from: Option<String>,
    },
    /// The host is, or leads to, an address of the operator's own network.
    #[error("{host} is {address}, an address of the server's own network{}", after_redirect(from.as_deref()))]
    AddressDenied {
        host: String,
        address: IpAddr,
        /// The grant that would allow it.
        what: String,
        from: Option<String>,
    },
    #[error("{host} redirects to what cannot be followed: {reason}")]
    BadRedirect { host: String, reason: String },
    #[error("{host} and what it redirects to answered with more than {most} redirects")]
    TooManyRedirects { host: String, most: usize },
    #[error("the name {host} is unknown: {reason}")]
    NameUnknown { host: String, reason: String },
    #[error("{host} cannot be reached: {reason}")]
    Unreachable { host: String, reason: String },
    #[error("{host}: {reason}")]
    Tls { host: String, reason: String },
    /// The request was sent, at least in part.
    #[error("{host}: {reason}")]
    NoAnswer { host: String, reason: String },
    /// The request may have been sent.
    #[error("{host} did not answer within {} s", after.as_secs_f32())]
    Timeout { host: String, after: Duration },
    #[error("the deployment was canceled")]
    Canceled,
}

impl OutboundError {
    /// Says that a redirect of this host led there.
    pub(super) fn redirected_by(mut self, host: &str) -> Self {
        if let Self::HostDenied { from, .. } | Self::AddressDenied { from, .. } = &mut self {
            *from = Some(host.to_owned());
        }
        self
    }

    /// Whether another attempt may succeed without anyone changing anything.
    pub fn retryable(&self) -> bool {
        matches!(
            self,
            Self::NameUnknown { .. } | Self::Unreachable { .. } | Self::NoAnswer { .. } | Self::Timeout { .. }
        )
    }
}

fn after_redirect(from: Option<&str>) -> String {
    from.map(|from| format!(" ({from} redirects there)")).unwrap_or_default()
}
