//! What is probed, as the journal stores it.

use super::wit;
use crate::ssh::probe::Probe;
use serde::Serialize;
use windlass_api_types::{ErrorKind, Failure};

/// See `windlass:health`.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Check {
    Http {
        host: String,
        port: u16,
        path: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        statuses: Vec<u16>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        headers: Vec<(String, String)>,
    },
    Tcp {
        host: String,
        port: u16,
    },
    Exec {
        argv: Vec<String>,
    },
}

impl Check {
    pub(super) fn validate(&self) -> Result<(), Failure> {
        let invalid = |message: String| Err(Failure::new(ErrorKind::InvalidInput, "bad-probe", message));
        match self {
            Self::Http { path, .. } if !path.starts_with('/') => {
                invalid(format!("the path `{path}` of a health check does not begin with `/`"))
            }
            Self::Exec { argv } if argv.is_empty() => invalid("the command of a health check is empty".into()),
            _ => Ok(()),
        }
    }
}

impl std::fmt::Display for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Http { port, path, .. } => write!(f, "GET :{port}{path}"),
            Self::Tcp { port, .. } => write!(f, "the TCP port {port}"),
            Self::Exec { argv } => write!(f, "`{}`", argv.join(" ")),
        }
    }
}

impl From<wit::Check> for Check {
    fn from(check: wit::Check) -> Self {
        match check {
            wit::Check::Http(http) => Self::Http {
                host: http.host,
                port: http.port,
                path: http.path,
                statuses: http.statuses,
                headers: http.headers,
            },
            wit::Check::Tcp(tcp) => Self::Tcp { host: tcp.host, port: tcp.port },
            wit::Check::Exec(exec) => Self::Exec { argv: exec.argv },
        }
    }
}

impl From<&Check> for Probe {
    fn from(check: &Check) -> Self {
        match check {
            Check::Http { host, port, path, statuses, headers } => Self::Http {
                host: host.clone(),
                port: *port,
                path: path.clone(),
                statuses: statuses.clone(),
                headers: headers.clone(),
            },
            Check::Tcp { host, port } => Self::Tcp { host: host.clone(), port: *port },
            Check::Exec { argv } => Self::Exec { argv: argv.clone() },
        }
    }
}
