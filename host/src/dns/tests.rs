//! The transport against real servers: each change is looked up with the resolver, straight at the server.

mod bad_input;
mod providers;
mod records;
mod updates;

use super::testing::{API_KEY, DnsServer, KEY, SECRET, ZONE};
use super::*;
use crate::store::testing::skipped;
use crate::vault::SecretValue;
use windlass_api_types::zone::TsigAlgorithm;

/// The zones of a server with one zone.
fn zones(name: &str, provider: ZoneProvider, secret: &str) -> Zones {
    let zone = Zone { name: name.into(), provider, name_servers: Vec::new(), created_at: 0, created_by: "ada".into() };
    Dns::new().unwrap().zones(vec![OpenZone { zone, secret: Ok(SecretValue::new(secret)) }])
}

fn rfc2136(server: &str, key: &str) -> ZoneProvider {
    ZoneProvider::Rfc2136 { server: server.into(), key_name: key.into(), algorithm: TsigAlgorithm::HmacSha256 }
}

fn powerdns(url: &str) -> ZoneProvider {
    ZoneProvider::Powerdns { url: url.into(), server_id: "localhost".into() }
}

/// A server that is ready; none, and a line that says so, where it is not installed.
async fn ready(server: Result<DnsServer, String>) -> Option<DnsServer> {
    match server {
        Ok(server) => Some(server.ready().await),
        Err(reason) => {
            skipped("a test against a DNS server", &reason);
            None
        }
    }
}

async fn upsert(zones: &Zones, name: &str, kind: RecordType, values: &[&str]) -> Result<(), Failure> {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    let set = RecordSet::new(name, kind, &values, 60).map_err(|error| error.failure())?;
    zones.server(&set.name)?.upsert(&set).await.map_err(|error| error.failure())
}

async fn delete(zones: &Zones, name: &str, kind: RecordType) -> Result<(), Failure> {
    let name = DnsName::parse(name).map_err(|error| error.failure())?;
    zones.server(&name)?.delete(&name, kind).await.map_err(|error| error.failure())
}

async fn read(zones: &Zones, name: &str, kind: RecordType) -> Found {
    let name = DnsName::parse(name).unwrap();
    zones.server(&name).unwrap().read(&name, kind).await.unwrap()
}

/// A failure as a person reads it, the server's address as `SERVER`.
fn said(failure: &Failure, server: &str) -> String {
    let text = match &failure.hint {
        Some(hint) => format!("{}: {}\n{hint}", failure.code, failure.message),
        None => format!("{}: {}", failure.code, failure.message),
    };
    text.replace(server, "SERVER")
}
