//! Lookups: straight at the servers that are named, past every cache of ours.

use super::{DnsError, DnsName, Found, RecordType, TIMEOUT, addresses, record};
use hickory_resolver::Resolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError as Semantic, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType as Wire};
use std::net::SocketAddr;
use std::time::Duration;

const DNS_PORT: u16 = 53;
/// How long a try over UDP waits; there are [`TRIES`] within [`TIMEOUT`].
const TRY: Duration = Duration::from_secs(2);
const TRIES: usize = 2;

/// Asks one server, by UDP and where the answer does not fit by TCP. A name that is not there has no values; one
/// that is an alias has those of where the alias ends.
pub async fn lookup(server: &str, name: &DnsName, kind: RecordType) -> Result<Found, DnsError> {
    ask(server, name, kind, true).await
}

/// What stands at the name itself.
pub(super) async fn lookup_exactly(server: &str, name: &DnsName, kind: RecordType) -> Result<Found, DnsError> {
    ask(server, name, kind, false).await
}

async fn ask(server: &str, name: &DnsName, kind: RecordType, aliases: bool) -> Result<Found, DnsError> {
    let addresses = addresses(server).await?;
    let resolver = resolver(&addresses, server)?;
    let lookup = tokio::time::timeout(TIMEOUT, resolver.lookup(name.wire()?, kind.wire())).await;
    let unreachable = |reason: String| DnsError::ResolverUnreachable { resolver: server.to_owned(), reason };
    match lookup.unwrap_or(Err(NetError::Timeout)) {
        Ok(lookup) => {
            let wanted = name.wire()?;
            let here = kind == RecordType::Cname || !aliases;
            let fits = |found: &&Record| found.record_type() == kind.wire() && (!here || found.name == wanted);
            let records: Vec<_> = lookup.answers().iter().filter(fits).collect();
            let ttl = records.iter().map(|record| record.ttl).min().unwrap_or_default();
            Ok(Found::new(records.iter().filter_map(|found| record::value(kind, &found.data)), ttl))
        }
        Err(NetError::Dns(Semantic::NoRecordsFound(_))) => Ok(Found::default()),
        Err(NetError::Dns(Semantic::ResponseCode(code))) => Err(DnsError::ResolverAnswer {
            resolver: server.to_owned(),
            answer: mnemonic(code),
            name: name.to_string(),
            kind: kind.to_string(),
        }),
        Err(NetError::Timeout) => Err(unreachable("no answer in time".into())),
        Err(NetError::Io(error)) => Err(unreachable(error.to_string())),
        Err(error) => Err(unreachable(error.to_string())),
    }
}

/// The servers that a zone names, as the system's resolver knows them.
pub(super) async fn name_servers(zone: &DnsName) -> Result<Vec<String>, DnsError> {
    let failed = |error: NetError| DnsError::ResolverAnswer {
        resolver: "of this machine".into(),
        answer: error.to_string(),
        name: zone.to_string(),
        kind: "NS".into(),
    };
    let resolver = Resolver::builder_tokio().and_then(|builder| builder.with_options(options()).build());
    let lookup = resolver.map_err(failed)?.lookup(zone.wire()?, Wire::NS).await.map_err(failed)?;
    let name = |data: &RData| match data {
        RData::NS(server) => Some(host(&server.0)),
        _ => None,
    };
    Ok(lookup.answers().iter().filter_map(|record| name(&record.data)).collect())
}

/// The host and the port of `HOST`, `HOST:PORT`, `ADDRESS`, `[ADDRESS]:PORT`.
pub fn check_server(server: &str) -> Result<(&str, u16), DnsError> {
    let refused = |reason: String| DnsError::BadServer { server: server.to_owned(), reason };
    if server.parse::<std::net::IpAddr>().is_ok() {
        return Ok((server, DNS_PORT));
    }
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().map_err(|_| refused(format!("`{port}` is no port")))?),
        None => (server, DNS_PORT),
    };
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match inner.unwrap_or(host).parse::<std::net::IpAddr>() {
        Ok(_) => Ok((inner.unwrap_or(host), port)),
        Err(_) => match DnsName::parse(host) {
            Ok(_) => Ok((host, port)),
            Err(DnsError::BadName { reason, .. }) => Err(refused(reason)),
            Err(error) => Err(error),
        },
    }
}

fn resolver(addresses: &[SocketAddr], server: &str) -> Result<Resolver<TokioRuntimeProvider>, DnsError> {
    let connection = |mut connection: ConnectionConfig, port: u16| {
        connection.port = port;
        connection
    };
    let configs = addresses.iter().map(|address| {
        let (udp, tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
        NameServerConfig::new(
            address.ip(),
            true,
            vec![connection(udp, address.port()), connection(tcp, address.port())],
        )
    });
    let config = ResolverConfig::from_name_servers(configs.collect());
    let builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default()).with_options(options());
    builder
        .build()
        .map_err(|error| DnsError::ResolverUnreachable { resolver: server.to_owned(), reason: error.to_string() })
}

fn options() -> ResolverOpts {
    let mut options = ResolverOpts::default();
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    options.timeout = TRY;
    options.attempts = TRIES;
    options
}

/// A code as servers' logs and documentation call it, such as `REFUSED`.
pub(super) fn mnemonic(code: ResponseCode) -> String {
    format!("{code:?}").to_uppercase()
}

fn host(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_owned()
}
