//! DNS: changes of the zones that the operator configured, and lookups that no cache answers.
//!
//! Nothing here knows of deployments or grants: names and records go in, answers and errors come out. Each
//! provider is a file: RFC 2136 speaks DNS, the others HTTP.

pub mod error;
mod cloudflare;
mod http;
mod name;
mod powerdns;
mod record;
mod resolve;
mod rfc2136;
mod route53;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;

pub use error::DnsError;
pub use name::DnsName;
pub use record::{Found, RecordSet, RecordType};
pub use resolve::{check_server, lookup};

use crate::vault::OpenZone;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use windlass_api_types::Failure;
use windlass_api_types::zone::{Zone, ZoneProvider};

/// A server that takes longer for one answer is as good as gone.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What all zones share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Dns {
    http: reqwest::Client,
}

/// The configured zones, with their credentials. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Zones {
    dns: Dns,
    zones: Arc<[OpenZone]>,
}

/// One zone, ready to be changed.
pub struct ZoneServer<'z> {
    http: &'z reqwest::Client,
    zone: DnsName,
    settings: &'z Zone,
    secret: &'z str,
}

impl Dns {
    pub fn new() -> Result<Self, DnsError> {
        Ok(Self { http: http::client()? })
    }

    /// With these zones.
    pub fn zones(&self, zones: Vec<OpenZone>) -> Zones {
        Zones { dns: self.clone(), zones: zones.into() }
    }
}

impl Zones {
    /// The zone that a name is in: of several the one with the longest name.
    pub fn zone_of(&self, name: &DnsName) -> Result<&str, DnsError> {
        self.find(name).map(|found| found.zone.name.as_str())
    }

    /// The zone that a name is in, to change it.
    pub fn server(&self, name: &DnsName) -> Result<ZoneServer<'_>, Failure> {
        let OpenZone { zone, secret } = self.find(name).map_err(|error| error.failure())?;
        let secret = secret.as_ref().map_err(|error| error.failure())?;
        let zone_name = DnsName::parse(&zone.name).map_err(|error| error.failure())?;
        Ok(ZoneServer { http: &self.dns.http, zone: zone_name, settings: zone, secret: secret.expose() })
    }

    fn find(&self, name: &DnsName) -> Result<&OpenZone, DnsError> {
        let zone = name.zone_among(self.zones.iter().map(|open| open.zone.name.as_str()));
        let open = self.zones.iter().find(|open| Some(open.zone.name.as_str()) == zone);
        open.ok_or_else(|| DnsError::NoZone { name: name.to_string() })
    }
}

impl ZoneServer<'_> {
    /// Makes the values and the TTL of a name and type those of the set, whatever they were.
    pub async fn upsert(&self, set: &RecordSet) -> Result<(), DnsError> {
        match &self.settings.provider {
            ZoneProvider::Rfc2136 { .. } => self.rfc2136()?.upsert(set).await,
            ZoneProvider::Powerdns { .. } => self.powerdns()?.upsert(set).await,
            ZoneProvider::Cloudflare { .. } => self.cloudflare()?.upsert(set).await,
            ZoneProvider::Route53 { .. } => self.route53()?.upsert(set).await,
        }
    }

    /// Takes all values of a name and type away. That there are none is no error.
    pub async fn delete(&self, name: &DnsName, kind: RecordType) -> Result<(), DnsError> {
        match &self.settings.provider {
            ZoneProvider::Rfc2136 { .. } => self.rfc2136()?.delete(name, kind).await,
            ZoneProvider::Powerdns { .. } => self.powerdns()?.delete(name, kind).await,
            ZoneProvider::Cloudflare { .. } => self.cloudflare()?.delete(name, kind).await,
            ZoneProvider::Route53 { .. } => self.route53()?.delete(name, kind).await,
        }
    }

    /// What the provider has of a name and type.
    pub async fn read(&self, name: &DnsName, kind: RecordType) -> Result<Found, DnsError> {
        match &self.settings.provider {
            ZoneProvider::Rfc2136 { server, .. } => resolve::lookup_exactly(server, name, kind).await,
            ZoneProvider::Powerdns { .. } => self.powerdns()?.read(name, kind).await,
            ZoneProvider::Cloudflare { .. } => self.cloudflare()?.read(name, kind).await,
            ZoneProvider::Route53 { .. } => self.route53()?.read(name, kind).await,
        }
    }

    /// The servers that answer for the zone: those configured, the one that takes its updates, or those that the
    /// zone itself names.
    pub async fn name_servers(&self) -> Result<Vec<String>, DnsError> {
        match &self.settings.provider {
            _ if !self.settings.name_servers.is_empty() => Ok(self.settings.name_servers.clone()),
            ZoneProvider::Rfc2136 { server, .. } => Ok(vec![server.clone()]),
            _ => resolve::name_servers(&self.zone).await,
        }
    }
}

/// Checks what an operator configures, and gives it its normal form. Nothing is sent.
pub fn check_zone(zone: &mut Zone, secret: &str) -> Result<(), DnsError> {
    let name = DnsName::parse(&zone.name)?;
    zone.name = name.to_string();
    for server in &zone.name_servers {
        resolve::check_server(server)?;
    }
    match &zone.provider {
        ZoneProvider::Rfc2136 { server, key_name, algorithm } => {
            resolve::check_server(server)?;
            rfc2136::Rfc2136::new(&name, server, key_name, *algorithm, secret).map(drop)
        }
        ZoneProvider::Powerdns { url, .. } | ZoneProvider::Cloudflare { url } | ZoneProvider::Route53 { url, .. } => {
            http::check(&name, url, secret)
        }
    }
}

/// An address of a server that may be given by name.
async fn addresses(server: &str) -> Result<Vec<SocketAddr>, DnsError> {
    let (host, port) = resolve::check_server(server)?;
    let unreachable = |reason: String| DnsError::ResolverUnreachable { resolver: server.to_owned(), reason };
    let found = tokio::time::timeout(TIMEOUT, tokio::net::lookup_host((host, port))).await;
    let found = found.map_err(|_| unreachable("its name was not resolved in time".into()))?;
    let found: Vec<_> = found.map_err(|error| unreachable(error.to_string()))?.collect();
    if found.is_empty() { Err(unreachable("its name has no address".into())) } else { Ok(found) }
}
