//! Why a server does not start.

use crate::dns::DnsError;
use crate::engine::EngineError;
use crate::exchange::CaError;
use crate::plugin::RegistryError;
use crate::ssh::SshError;
use crate::store::StoreError;
use crate::vault::VaultError;
use std::net::SocketAddr;
use std::path::PathBuf;
use windlass_api_types::{ErrorKind, Failure};

/// Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the data directory {path} cannot be used: {source}")]
    DataDir { path: PathBuf, source: std::io::Error },
    #[error("another windlass process owns the data directory {path}")]
    Owned { path: PathBuf },
    #[error("{path}: {reason}")]
    Config { path: PathBuf, reason: String },
    #[error("{path}: {source}")]
    Authorities { path: PathBuf, source: CaError },
    #[error("{path} holds `{found}`, which is no id of a server")]
    ServerId { path: PathBuf, found: String },
    #[error("cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("cannot serve the socket {path}: {source}")]
    Socket { path: PathBuf, source: std::io::Error },
    #[error("cannot listen for signals: {0}")]
    Signals(#[source] std::io::Error),
    #[error("the WebAssembly engine cannot start: {0}")]
    Runtime(String),
    #[error("{0}")]
    Plugins(#[source] RegistryError),
    #[error("{0}")]
    Ssh(#[source] SshError),
    #[error("{0}")]
    Dns(#[source] DnsError),
    #[error("{0}")]
    Vault(#[source] VaultError),
    #[error("{0}")]
    Engine(#[source] EngineError),
    #[error("{0}")]
    Store(#[source] StoreError),
}

impl StartError {
    /// With a kind, a code and what to do next.
    pub fn failure(&self) -> Failure {
        let of = |kind, code: &str| Failure::new(kind, code, self.to_string());
        match self {
            Self::DataDir { .. } => of(ErrorKind::Failed, "data-dir")
                .hint("give a directory that you may write to: --data-dir or WINDLASS_DATA_DIR"),
            Self::Owned { .. } => of(ErrorKind::Conflict, "data-dir-owned")
                .hint("talk to that process instead (commands find its socket by themselves), or stop it"),
            Self::Authorities { .. } => of(ErrorKind::InvalidInput, "server-config")
                .hint("write the certificate's PEM text between triple quotes, as docs/server.toml shows"),
            Self::Config { .. } => of(ErrorKind::InvalidInput, "server-config")
                .hint("docs/server.toml lists every setting with its default"),
            Self::ServerId { .. } => {
                of(ErrorKind::InvalidInput, "server-id").hint("remove the file: the next start makes a new one")
            }
            Self::Listen { .. } => {
                of(ErrorKind::Conflict, "listen").hint("another address: --listen 127.0.0.1:PORT or WINDLASS_LISTEN")
            }
            Self::Socket { .. } => of(ErrorKind::Failed, "socket")
                .hint("a socket's path may have 107 characters: try a shorter --data-dir that you may write to"),
            Self::Signals(_) => of(ErrorKind::Failed, "signals").hint("raise the limit of open files: ulimit -n"),
            Self::Runtime(_) => of(ErrorKind::Internal, "wasm-engine"),
            Self::Plugins(_) => of(ErrorKind::Failed, "plugins")
                .hint("make the directory it names usable; shipped plugins are built by: cargo xtask build"),
            Self::Ssh(error) => Failure { hint: error.hint(), ..of(ErrorKind::Failed, "ssh-key") },
            Self::Dns(error) => error.failure(),
            Self::Vault(error) => error.failure(),
            Self::Engine(error) => error.failure(),
            Self::Store(error) => error.failure(),
        }
    }
}
