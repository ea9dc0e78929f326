//! What is probed, as the journal stores it.

use super::{from_server, wit};
use crate::capability::http::http_failure;
use crate::capability::segment::{self, Segment};
use crate::capability::{Journal, World};
use crate::exchange::HttpLook;
use crate::outbound::{self, Header};
use crate::ssh::probe::Probe;
use serde::{Deserialize, Serialize};
use windlass_api_types::{ErrorKind, Failure, RepeatPolicy};

/// See `windlass:health`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Check {
    Http(Http),
    Tcp { host: String, port: u16 },
    Exec { argv: Vec<String> },
}

#[derive(Serialize, Deserialize)]
pub(super) struct Http {
    host: String,
    port: u16,
    path: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    statuses: Vec<u16>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    headers: Vec<(String, Vec<Segment>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contains: Option<String>,
    /// The name of the TLS server.
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<String>,
}

impl Check {
    pub(super) fn validate(&self, world: &World) -> Result<(), Failure> {
        let invalid = |message: String| Err(Failure::new(ErrorKind::InvalidInput, "bad-probe", message));
        match self {
            Self::Http(http) if !http.path.starts_with('/') => {
                invalid(format!("the path `{}` of a health check does not begin with `/`", http.path))
            }
            Self::Http(http) => {
                http.headers.iter().try_for_each(|(_, value)| segment::check(value, world))?;
                http.look(world)?.request().map(drop).or_else(invalid)
            }
            Self::Exec { argv } if argv.is_empty() => invalid("the command of a health check is empty".into()),
            _ => Ok(()),
        }
    }

    /// What more holds for a probe from the server.
    pub(super) fn validate_from_server(&self, world: &World) -> Result<(), Failure> {
        let denied = |error| http_failure(error, &world.granter, RepeatPolicy::Read);
        let probe = self.probe(world)?;
        let endpoint = from_server::endpoint(&probe)?;
        if let Probe::Http(look) = &probe {
            for (name, value) in &look.headers {
                Header::new(name, value, false).map_err(denied)?;
            }
        }
        outbound::check(&endpoint, &world.granter.http()).map_err(denied)
    }

    /// The probe, with the values of its secrets.
    pub(super) fn probe(&self, world: &World) -> Result<Probe, Failure> {
        Ok(match self {
            Self::Http(http) => Probe::Http(http.look(world)?),
            Self::Tcp { host, port } => Probe::Tcp { host: host.clone(), port: *port },
            Self::Exec { argv } => Probe::Exec { argv: argv.clone() },
        })
    }

    pub(super) fn from_wit(check: wit::Check, journal: &Journal) -> Self {
        match check {
            wit::Check::Http(http) => Self::Http(Http {
                tls: http.tls.map(|tls| tls.server_name.unwrap_or_else(|| http.host.clone())),
                host: http.host,
                port: http.port,
                path: http.path,
                statuses: http.statuses,
                headers: http.headers.into_iter().map(|(name, value)| (name, segment::list(value, journal))).collect(),
                contains: http.contains,
            }),
            wit::Check::Tcp(tcp) => Self::Tcp { host: tcp.host, port: tcp.port },
            wit::Check::Exec(exec) => Self::Exec { argv: exec.argv },
        }
    }
}

impl Http {
    fn look(&self, world: &World) -> Result<HttpLook, Failure> {
        let headers = self.headers.iter().map(|(name, value)| Ok((name.clone(), segment::resolve(value, world)?)));
        Ok(HttpLook {
            host: self.host.clone(),
            port: self.port,
            path: self.path.clone(),
            statuses: self.statuses.clone(),
            headers: headers.collect::<Result<_, Failure>>()?,
            contains: self.contains.clone(),
            tls: self.tls.clone().map(|server| (world.outbound.tls().clone(), server)),
        })
    }
}

impl std::fmt::Display for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Http(Http { tls: Some(server), port, path, .. }) => write!(f, "GET https://{server}:{port}{path}"),
            Self::Http(Http { port, path, .. }) => write!(f, "GET :{port}{path}"),
            Self::Tcp { port, .. } => write!(f, "the TCP port {port}"),
            Self::Exec { argv } => write!(f, "`{}`", argv.join(" ")),
        }
    }
}
