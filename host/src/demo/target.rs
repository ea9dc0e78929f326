//! The demo's target: an SSH server on loopback that runs commands as the current user, so that the
//! demo needs nothing installed. It lets one key in and tunnels to loopback only.

mod channel;

use std::net::IpAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use russh::keys::{PrivateKey, PublicKey};
use russh::server::{self, Auth, ChannelOpenHandle, Handle, Msg, Session, VerifiedPublicKey};
use russh::{Channel, ChannelOpenFailure, MethodKind, MethodSet};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::key::{self, KeyError};

/// Why the demo's target cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    #[error("the demo target has no host key: {0}")]
    HostKey(#[from] KeyError),
    #[error("the key that may sign in to the demo target is not a public key: {0}")]
    AuthorizedKey(String),
    #[error("the demo target's home {path} cannot be made: {source}")]
    Home { path: PathBuf, source: io::Error },
}

/// After a failure to accept a connection; the next try would fail the same way at once.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `shutdown`. Commands that still run then, or whose client goes away, run on, as they
/// do under sshd.
///
/// `host_key_path` is made on first use; `authorized_key` is a line as in `authorized_keys`; `home` is
/// the home directory that commands see.
pub async fn serve(
    listener: TcpListener,
    host_key_path: &Path,
    authorized_key: &str,
    home: &Path,
    shutdown: CancellationToken,
) -> Result<(), TargetError> {
    let authorized =
        PublicKey::from_openssh(authorized_key).map_err(|error| TargetError::AuthorizedKey(error.to_string()))?;
    let home_error = |source| TargetError::Home { path: home.to_owned(), source };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(home).map_err(home_error)?;
    let config = Arc::new(config(key::load_or_make(host_key_path)?));
    let host = Host { authorized: Arc::new(authorized), home: Arc::from(home) };
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    // Out of files, or a client that hung up before it was greeted.
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                };
                let (config, client) = (Arc::clone(&config), Client { host: host.clone() });
                connections.spawn(async move {
                    // A client that breaks off is no event for the demo.
                    if let Ok(session) = server::run_stream(config, stream, client).await {
                        let _ = session.await;
                    }
                });
            }
        }
    }
}

/// The public host key in OpenSSH's format: what a client pins. Makes the key on first use.
pub fn public_host_key(host_key_path: &Path) -> Result<String, TargetError> {
    Ok(key::public_line(host_key_path)?)
}

fn config(host_key: PrivateKey) -> server::Config {
    server::Config {
        methods: MethodSet::from(&[MethodKind::PublicKey][..]),
        keys: vec![host_key],
        // One user, on loopback: nothing is guessed here.
        auth_rejection_time: Duration::from_millis(100),
        auth_rejection_time_initial: Some(Duration::ZERO),
        // The client's keepalives tell the living from the dead.
        inactivity_timeout: None,
        nodelay: true,
        ..server::Config::default()
    }
}

#[derive(Clone)]
struct Host {
    authorized: Arc<PublicKey>,
    home: Arc<Path>,
}

/// One connection.
struct Client {
    host: Host,
}

impl server::Handler for Client {
    type Error = russh::Error;

    async fn auth_publickey(&mut self, _user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        let authorized = key.public_key.key_data() == self.host.authorized.key_data();
        Ok(if authorized { Auth::Accept } else { Auth::reject() })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.accept().await;
        let (handle, home): (Handle, _) = (session.handle(), Arc::clone(&self.host.home));
        tokio::spawn(channel::serve(channel, handle, home));
        Ok(())
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host_to_connect: &str,
        port_to_connect: u32,
        _originator_address: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        let (host, port) = (host_to_connect.to_owned(), u16::try_from(port_to_connect));
        tokio::spawn(async move {
            let loopback = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
            let Some(port) = port.ok().filter(|_| loopback) else {
                reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
                return;
            };
            match TcpStream::connect((host.as_str(), port)).await {
                Ok(mut stream) => {
                    reply.accept().await;
                    // Either side may close whenever it likes.
                    let _ = tokio::io::copy_bidirectional(&mut channel.into_stream(), &mut stream).await;
                }
                Err(_) => reply.reject(ChannelOpenFailure::ConnectFailed).await,
            }
        });
        Ok(())
    }
}
