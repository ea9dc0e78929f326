//! Which hosts may be talked to: the grants of the kind `http`.

use super::address::is_global;
use std::fmt;
use std::net::IpAddr;
use url::Host;
use windlass_api_types::{ErrorKind, Failure};

/// The host of a request, and its port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    host: Host,
    port: u16,
    /// The port that needs no mention, if there is one.
    default_port: Option<u16>,
}

/// A granted host.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Granted {
    pattern: Pattern,
    /// Absent: the scheme's own.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    Address(IpAddr),
    Name(String),
    /// Names that end with this; it begins with a dot.
    Below(String),
}

/// The granted hosts of a plugin.
#[derive(Clone, Debug, Default)]
pub struct Allowed(Vec<Granted>);

impl Endpoint {
    /// The endpoint of a URL; none where it has no host or no port.
    pub fn of(url: &url::Url) -> Option<Self> {
        let default_port = match url.scheme() {
            "https" => 443,
            _ => 80,
        };
        Some(Self {
            host: canonical(url.host()?.to_owned()),
            port: url.port_or_known_default()?,
            default_port: Some(default_port),
        })
    }

    /// An endpoint by host and port, and the port that what is spoken there usually has. None: this is no host.
    pub fn new(host: &str, port: u16, default_port: Option<u16>) -> Option<Self> {
        Some(Self { host: parse_host(host)?, port, default_port })
    }

    /// The host as it is looked up and named to servers.
    pub fn host(&self) -> String {
        match &self.host {
            Host::Ipv6(address) => address.to_string(),
            other => other.to_string(),
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address, where the host is one.
    pub fn address(&self) -> Option<IpAddr> {
        match &self.host {
            Host::Ipv4(address) => Some((*address).into()),
            Host::Ipv6(address) => Some((*address).into()),
            Host::Domain(_) => None,
        }
    }

    /// The grant that would allow an address of this endpoint.
    pub(super) fn grant_of(&self, address: IpAddr) -> String {
        let host = match address {
            IpAddr::V4(address) => Host::Ipv4(address),
            IpAddr::V6(address) => Host::Ipv6(address),
        };
        Self { host, ..self.clone() }.to_string()
    }

    fn domain(&self) -> Option<&str> {
        match &self.host {
            Host::Domain(name) => Some(name.strip_suffix('.').unwrap_or(name)),
            _ => None,
        }
    }
}

/// As a grant names it: the port where it is not the scheme's.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Domain(_) => f.write_str(self.domain().unwrap_or_default())?,
            Host::Ipv6(address) if self.default_port == Some(self.port) => write!(f, "{address}")?,
            other => write!(f, "{other}")?,
        }
        match self.default_port == Some(self.port) {
            true => Ok(()),
            false => write!(f, ":{}", self.port),
        }
    }
}

impl Allowed {
    /// Reads the values of grants; one that names no host grants nothing.
    pub fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        Self(values.into_iter().filter_map(Granted::parse).collect())
    }

    /// Whether the host itself is granted. A name's addresses are another question.
    pub fn allows(&self, endpoint: &Endpoint) -> bool {
        self.0.iter().any(|granted| granted.has_port(endpoint) && granted.has_host(endpoint))
    }

    /// Whether a connection for this endpoint may go to this address: one of the world, or one that is granted by
    /// itself. The name `localhost`, where it is granted, is the machine's own addresses.
    pub(super) fn address(&self, endpoint: &Endpoint, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let itself = |granted: &Granted| granted.has_port(endpoint) && granted.pattern == Pattern::Address(address);
        let localhost = || {
            let name = Pattern::Name("localhost".into());
            endpoint.domain() == Some("localhost")
                && address.is_loopback()
                && self.0.iter().any(|granted| granted.has_port(endpoint) && granted.pattern == name)
        };
        is_global(address) || self.0.iter().any(itself) || localhost()
    }
}

/// Refuses the value of a grant that would allow nothing.
pub fn check_grant(value: &str) -> Result<(), Failure> {
    match Granted::parse(value) {
        Some(_) => Ok(()),
        None => Err(Failure::new(ErrorKind::InvalidInput, "bad-grant", format!("`{value}` is no host to grant"))
            .hint("a name, *.example.com for those below it, or an address; with :port where it is not the scheme's")),
    }
}

impl Granted {
    fn parse(value: &str) -> Option<Self> {
        // A bare IPv6 address has colons and no port.
        if let Ok(address) = value.parse::<IpAddr>() {
            return Some(Self { pattern: Pattern::Address(address.to_canonical()), port: None });
        }
        let (host, port) = match value.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (value, None),
        };
        let parent = host.strip_prefix("*.");
        // A star elsewhere is no wildcard, though URLs may have it in a name.
        if parent.unwrap_or(host).contains('*') {
            return None;
        }
        let pattern = match parent {
            Some(parent) => match parse_host(parent)? {
                Host::Domain(parent) => Pattern::Below(format!(".{}", parent.trim_end_matches('.'))),
                _ => return None,
            },
            None => match parse_host(host)? {
                Host::Domain(name) => Pattern::Name(name.trim_end_matches('.').to_owned()),
                Host::Ipv4(address) => Pattern::Address(address.into()),
                Host::Ipv6(address) => Pattern::Address(IpAddr::from(address).to_canonical()),
            },
        };
        Some(Self { pattern, port })
    }

    fn has_port(&self, endpoint: &Endpoint) -> bool {
        match self.port {
            Some(port) => port == endpoint.port,
            None => endpoint.default_port == Some(endpoint.port),
        }
    }

    fn has_host(&self, endpoint: &Endpoint) -> bool {
        match (&self.pattern, endpoint.domain()) {
            (Pattern::Address(granted), None) => endpoint.address() == Some(*granted),
            (Pattern::Name(granted), Some(name)) => granted == name,
            (Pattern::Below(parent), Some(name)) => name.len() > parent.len() && name.ends_with(parent.as_str()),
            _ => false,
        }
    }
}

/// By the rules of URLs: any form of an IPv4 address is that address, names are in lower case and ASCII.
fn parse_host(host: &str) -> Option<Host> {
    let host = match host.parse::<std::net::Ipv6Addr>() {
        Ok(address) => Host::Ipv6(address),
        Err(_) => Host::parse(host).ok()?,
    };
    Some(canonical(host))
}

/// An IPv4 address in IPv6 clothes is that address.
fn canonical(host: Host) -> Host {
    match host {
        Host::Ipv6(address) => match address.to_ipv4_mapped() {
            Some(address) => Host::Ipv4(address),
            None => Host::Ipv6(address),
        },
        other => other,
    }
}
