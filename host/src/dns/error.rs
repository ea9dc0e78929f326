//! What can go wrong with DNS, each with what to do about it.

use super::RecordType;
use windlass_api_types::{ErrorKind, Failure};

/// A failure of a lookup or of a change.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DnsError {
    #[error("`{}` is no DNS name: {reason}", .name.escape_debug())]
    BadName { name: String, reason: String },
    #[error("{name} {kind}: {reason}")]
    BadRecord { name: String, kind: RecordType, reason: String },
    #[error("`{server}` is no DNS server: {reason}")]
    BadServer { server: String, reason: String },
    #[error("zone {zone}: {reason}")]
    BadZone { zone: String, reason: String },
    #[error("no zone is configured that {name} is in")]
    NoZone { name: String },
    #[error("zone {zone}: {server} cannot be reached: {reason}")]
    Unreachable { zone: String, server: String, reason: String },
    #[error("zone {zone}: {server} does not know the key `{key}`")]
    UnknownKey { zone: String, server: String, key: String },
    #[error("zone {zone}: {server} has another secret for the key `{key}`")]
    WrongKey { zone: String, server: String, key: String },
    #[error("zone {zone}: the clock of {server} differs from ours by more than {fudge} s")]
    Clock { zone: String, server: String, fudge: u16 },
    #[error("zone {zone}: {server} refuses the change ({rcode})")]
    Refused { zone: String, server: String, rcode: String },
    #[error("zone {zone}: {server} is not the zone's primary server ({rcode})")]
    NotPrimary { zone: String, server: String, rcode: String },
    #[error("{name} {kind}: {reason}")]
    Conflict { name: String, kind: RecordType, reason: String },
    #[error("zone {zone}: {server} answered {answer}")]
    Answer { zone: String, server: String, answer: String },
    #[error("zone {zone}: the answer of {server} is not signed with the key `{key}`: {reason}")]
    Unsigned { zone: String, server: String, key: String, reason: String },
    #[error("zone {zone}: {provider} answered {status}: {message}")]
    Provider { zone: String, provider: &'static str, status: u16, message: String },
    #[error("zone {zone}: {provider} has no such zone")]
    UnknownZone { zone: String, provider: &'static str },
    #[error("the DNS server {resolver} does not answer: {reason}")]
    ResolverUnreachable { resolver: String, reason: String },
    #[error("the DNS server {resolver} answered {answer} for {name} {kind}")]
    ResolverAnswer { resolver: String, answer: String, name: String, kind: String },
    #[error("{name} {kind} is not what it should be after {seconds} s: {last}")]
    NotPropagated { name: String, kind: RecordType, seconds: u64, last: String },
    #[error("HTTPS cannot be used: {reason}")]
    Client { reason: String },
}

impl DnsError {
    /// The form in which events and the API carry it.
    pub fn failure(&self) -> Failure {
        let (kind, code) = self.kind();
        let failure = Failure::new(kind, code, self.to_string());
        let failure = if self.retryable() { failure.retryable() } else { failure };
        match self.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }

    fn kind(&self) -> (ErrorKind, &'static str) {
        match self {
            Self::BadName { .. } => (ErrorKind::InvalidInput, "bad-dns-name"),
            Self::BadRecord { .. } => (ErrorKind::InvalidInput, "bad-dns-record"),
            Self::BadServer { .. } => (ErrorKind::InvalidInput, "bad-dns-server"),
            Self::BadZone { .. } => (ErrorKind::InvalidInput, "bad-zone"),
            Self::NoZone { .. } => (ErrorKind::NotFound, "no-such-zone"),
            Self::Unreachable { .. } => (ErrorKind::Unreachable, "dns-server-unreachable"),
            Self::UnknownKey { .. } => (ErrorKind::Denied, "tsig-unknown-key"),
            Self::WrongKey { .. } => (ErrorKind::Denied, "tsig-wrong-key"),
            Self::Clock { .. } => (ErrorKind::Denied, "tsig-clock"),
            Self::Refused { .. } => (ErrorKind::Denied, "dns-change-refused"),
            Self::NotPrimary { .. } => (ErrorKind::NotFound, "zone-not-served"),
            Self::Conflict { .. } => (ErrorKind::Conflict, "dns-conflict"),
            Self::Answer { .. } => (ErrorKind::Failed, "dns-change-failed"),
            Self::Unsigned { .. } => (ErrorKind::Failed, "dns-answer-unsigned"),
            Self::Provider { status: 401 | 403, .. } => (ErrorKind::Denied, "dns-provider-denied"),
            Self::Provider { status: 409 | 422, .. } => (ErrorKind::Conflict, "dns-provider-refused"),
            Self::Provider { .. } => (ErrorKind::Failed, "dns-provider-failed"),
            Self::UnknownZone { .. } => (ErrorKind::NotFound, "zone-not-served"),
            Self::ResolverUnreachable { .. } => (ErrorKind::Unreachable, "resolver-unreachable"),
            Self::ResolverAnswer { .. } => (ErrorKind::Failed, "lookup-failed"),
            Self::NotPropagated { .. } => (ErrorKind::Timeout, "not-propagated"),
            Self::Client { .. } => (ErrorKind::Internal, "https-unusable"),
        }
    }

    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::BadName { .. } => {
                "labels of letters, digits, hyphens and underscores, joined by dots, such as www.example.com".into()
            }
            Self::BadServer { .. } => {
                "give a name or an address, with `:port` where it is not 53, such as 9.9.9.9".into()
            }
            Self::BadZone { zone, .. } => format!("configure it again: windlass zone add {zone}"),
            Self::NoZone { name } => {
                let parent = name.split_once('.').map_or(name.as_str(), |(_, parent)| parent);
                format!("configure its zone, such as: windlass zone add {parent} rfc2136 --primary … --key-name …")
            }
            Self::Unreachable { server, .. } => {
                format!("check that {server} is up and can be reached from this server")
            }
            Self::UnknownKey { zone, key, .. } => format!(
                "add the key `{key}` to that server and let it update {zone} (some say the same of both), or correct its \
                 name or algorithm: windlass zone add {zone} rfc2136 …"
            ),
            Self::WrongKey { zone, .. } => {
                format!("give the secret as the server has it: windlass zone add {zone} rfc2136 …")
            }
            Self::Clock { .. } => "set both clocks, best by NTP".into(),
            Self::Refused { zone, .. } => {
                format!("allow the key to update {zone} in the server's configuration (its ACL or update policy)")
            }
            Self::NotPrimary { server, .. } => {
                format!("check the zone's name, and that {server} is where its updates go, not one of its copies")
            }
            Self::Conflict { name, .. } => {
                format!("a name with a CNAME has no other records: delete what is at {name} first, or use another name")
            }
            Self::Answer { server, .. } => format!("the log or the status page of {server} may say why"),
            Self::Unsigned { server, .. } => {
                format!(
                    "nobody can tell whether {server} itself answered: check what is between, then look at the record"
                )
            }
            Self::Provider { zone, status: 401 | 403, .. } => {
                format!("give a key that may change the zone: windlass zone add {zone} …")
            }
            Self::Provider { status: 500.., .. } => "try again later".into(),
            Self::UnknownZone { zone, .. } => format!("check that {zone} is there, and that the key may see it"),
            Self::ResolverUnreachable { resolver, .. } => {
                format!("check that {resolver} answers DNS, and that no firewall is between")
            }
            Self::NotPropagated { .. } => {
                "a resolver keeps the old answer for as long as its TTL was; wait longer, or lower the TTL beforehand"
                    .into()
            }
            Self::BadRecord { .. } | Self::Provider { .. } | Self::ResolverAnswer { .. } | Self::Client { .. } => {
                return None;
            }
        })
    }

    fn retryable(&self) -> bool {
        match self {
            Self::Provider { status, .. } => *status == 429 || *status >= 500,
            Self::Unreachable { .. } | Self::ResolverUnreachable { .. } | Self::NotPropagated { .. } => true,
            _ => false,
        }
    }
}
