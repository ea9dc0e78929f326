//! A recorded capability call.

use crate::{dns, docker, files, health, http, ssh};
use std::fmt;
use std::time::Duration;

/// A capability call that a stage made, with its arguments. Logging is no call.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// `ssh-exec.exec`
    Exec(ssh::Request),
    /// `files.write`
    Write(files::WriteRequest),
    /// `files.read`
    Read(files::ReadRequest),
    /// `files.sync`
    Sync(files::SyncRequest),
    /// `files.unpack`
    Unpack(files::UnpackRequest),
    /// `docker.*`
    Docker(docker::Request),
    /// `health.wait-healthy`
    WaitHealthy(health::Request),
    /// `dns.upsert`
    DnsUpsert(dns::RecordSet),
    /// `dns.delete`
    DnsDelete(String, dns::RecordType),
    /// `dns.lookup`
    DnsLookup(dns::LookupRequest),
    /// `dns.wait-propagated`
    WaitPropagated(dns::WaitRequest),
    /// `http.send`
    Http(http::Request),
    /// `state.get`
    StateGet(String),
    /// `state.set`
    StateSet(String, String),
    /// `state.delete`
    StateDelete(String),
    /// `approval.open`
    OpenApproval {
        /// Its name within the stage and its target.
        key: String,
        /// What is asked.
        prompt: String,
        /// How long it stays open.
        expires: Duration,
    },
    /// `approval.wait`
    WaitForApproval(String),
    /// `artifacts.list`
    Artifacts,
    /// `control.sleep`
    Sleep(Duration),
    /// `control.checkpoint`
    Checkpoint(String),
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exec(request) => write!(f, "ssh-exec.exec {}: {}", request.target, request.summary()),
            Self::Write(request) => write!(f, "files.write {}: {}", request.target, request.path),
            Self::Read(request) => write!(f, "files.read {}: {}", request.target, request.path),
            Self::Sync(request) => write!(f, "files.sync {}: {}", request.target, request.directory),
            Self::Unpack(request) => write!(f, "files.unpack {}: {}", request.target, request.directory),
            Self::Docker(request) => request.fmt(f),
            Self::WaitHealthy(request) => {
                write!(f, "health.wait-healthy {}: ", request.target.as_deref().unwrap_or("from the server"))?;
                match &request.check {
                    health::Check::Http(probe) => write!(f, "GET {}:{}{}", probe.host, probe.port, probe.path),
                    health::Check::Tcp { host, port } => write!(f, "{host}:{port}"),
                    health::Check::Exec { argv } => f.write_str(&argv.join(" ")),
                }
            }
            Self::DnsUpsert(set) => {
                write!(f, "dns.upsert {} {} = {} for {} s", set.name, set.record_type, set.values.join(", "), set.ttl)
            }
            Self::DnsDelete(name, record_type) => write!(f, "dns.delete {name} {record_type}"),
            Self::DnsLookup(request) => {
                write!(f, "dns.lookup {} {}{}", request.name, request.record_type, asked(&request.resolvers))
            }
            Self::WaitPropagated(request) => {
                let set = &request.record;
                let (values, asked) = (set.values.join(", "), asked(&request.resolvers));
                write!(f, "dns.wait-propagated {} {} = {values}{asked}", set.name, set.record_type)
            }
            Self::Http(request) => write!(f, "http.send {} {}", request.method.as_str(), request.url),
            Self::StateGet(key) => write!(f, "state.get {key}"),
            Self::StateSet(key, value) => write!(f, "state.set {key}: {value}"),
            Self::StateDelete(key) => write!(f, "state.delete {key}"),
            Self::OpenApproval { key, prompt, .. } => write!(f, "approval.open {key}: {prompt}"),
            Self::WaitForApproval(key) => write!(f, "approval.wait {key}"),
            Self::Artifacts => f.write_str("artifacts.list"),
            Self::Sleep(duration) => write!(f, "control.sleep {} ms", duration.as_millis()),
            Self::Checkpoint(json) => write!(f, "control.checkpoint {json}"),
        }
    }
}

/// The servers that are asked.
fn asked(resolvers: &[String]) -> String {
    if resolvers.is_empty() { String::new() } else { format!(" at {}", resolvers.join(", ")) }
}
