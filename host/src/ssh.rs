//! SSH to targets: pooled connections, commands that outlive them, files, tunnels and probes.
//!
//! Nothing here knows of deployments: addresses and requests go in, answers and errors come out.

pub mod command;
pub mod error;
pub mod exec;
pub mod files;
pub mod probe;

mod dial;
mod forgetting;
mod host_key;
mod identity;
mod opening;
mod pipe;
mod pool;
mod quote;
mod reattach;
mod reception;
mod session;
mod standby;
mod sudo;
mod tunnel;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use russh::keys::PrivateKey;

pub use command::Command;
pub use error::{SshError, SshErrorKind};
pub use exec::{ExecEnd, ExecRequest, Exit, Fence, Repeat};
pub use host_key::{ScannedHostKey, fingerprint_of};
pub use identity::Identity;
pub use pipe::Complaint;
pub use quote::quote;
pub use reception::{Capture, OutputSink, OutputStream};
pub use sudo::Sudo;
pub use tunnel::Tunnel;

use forgetting::Forgetting;
use pool::{Live, Pool};

/// A machine to connect to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TargetAddress {
    /// The target's name, for messages.
    pub name: String,
    /// A name or an address.
    pub host: String,
    pub port: u16,
    pub user: String,
    /// The one host key that is trusted, a public key in OpenSSH's format.
    pub host_key: String,
    pub identity: Identity,
    /// The machine whose SSH connection leads there; absent: it is connected to from here.
    pub jump: Option<Arc<TargetAddress>>,
}

/// How connections are made and kept.
#[derive(Clone, Debug)]
pub struct SshConfig {
    /// Where the server's own key is kept; made when it is missing.
    pub key_dir: PathBuf,
    /// For name, TCP, key exchange and sign-in together. Default 30 s.
    pub connect_timeout: Duration,
    /// After so much silence the target is asked whether it is there. Default 15 s.
    pub keepalive_interval: Duration,
    /// So many questions without an answer end the connection. Default 3.
    pub keepalive_max: usize,
    /// A connection that nobody used for so long is closed. Default 5 min.
    pub idle_close: Duration,
    /// How long a command is looked for, once its connection was found lost. Default 60 s: a target that
    /// reboots its network is back, and a deployment does not hang for good.
    pub reconnect_patience: Duration,
    /// Commands that run at once on a target; more wait. Default 8: with what ends them, as many as an OpenSSH
    /// server allows sessions.
    pub commands_per_target: usize,
    /// A command that waits for others for so long says so in its log. Default 5 s.
    pub waiting_notice: Duration,
}

impl SshConfig {
    pub fn new(key_dir: impl Into<PathBuf>) -> Self {
        Self {
            key_dir: key_dir.into(),
            connect_timeout: Duration::from_secs(30),
            keepalive_interval: Duration::from_secs(15),
            keepalive_max: 3,
            idle_close: Duration::from_secs(300),
            reconnect_patience: Duration::from_secs(60),
            commands_per_target: 8,
            waiting_notice: Duration::from_secs(5),
        }
    }

    /// How long a connection may stand still before it is given up, and with it all that goes over it:
    /// commands, transfers, tunnels, Docker's calls. By default 60 s, so that a network that is gone for half a
    /// minute costs no connection.
    pub fn longest_silence(&self) -> Duration {
        let questions = u32::try_from(self.keepalive_max).unwrap_or(u32::MAX).saturating_add(1);
        self.keepalive_interval.saturating_mul(questions)
    }
}

/// The transport: one connection per address, shared by all that use it. Cheap to clone.
#[derive(Clone)]
pub struct Ssh {
    pool: Arc<Pool>,
    forgetting: Arc<Forgetting>,
}

impl Ssh {
    /// Reads the server's own key, or makes it.
    pub fn new(config: SshConfig) -> Result<Self, SshError> {
        let key = identity::stored_key(&config.key_dir)?;
        let pool = Arc::new(Pool::new(config, Arc::<PrivateKey>::new(key)));
        Ok(Self { pool, forgetting: Arc::default() })
    }

    /// The line for `authorized_keys` that lets the server's own key in.
    pub fn public_key(&self) -> String {
        identity::authorized_keys_line(self.pool.stored_key().public_key())
    }

    /// Connects, or finds that it is connected.
    pub async fn connect(&self, address: &TargetAddress) -> Result<Connection, SshError> {
        let connection = Connection { pool: Arc::clone(&self.pool), address: Arc::new(address.clone()) };
        connection.live().await?;
        Ok(connection)
    }

    /// Asks a server for its host key, to be shown to a person. Nothing is trusted by this. With a jump the
    /// server is asked through that one's connection, and `host` and `port` are as seen from there.
    pub async fn scan_host_key(
        &self,
        host: &str,
        port: u16,
        jump: Option<&TargetAddress>,
    ) -> Result<ScannedHostKey, SshError> {
        self.pool.scan(host, port, jump).await
    }
}

/// A target that was connected to. Each call finds the open connection, or makes a new one where it
/// was lost or closed as idle. Cheap to clone.
#[derive(Clone)]
pub struct Connection {
    pool: Arc<Pool>,
    address: Arc<TargetAddress>,
}

impl Connection {
    pub fn address(&self) -> &TargetAddress {
        &self.address
    }

    async fn live(&self) -> Result<Arc<Live>, SshError> {
        self.pool.live(&self.address).await
    }

    /// The target's name, for messages.
    fn target(&self) -> String {
        self.address.name.clone()
    }
}

#[cfg(test)]
mod tests;
