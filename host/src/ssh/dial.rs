//! Opens a connection: name, TCP, key exchange, host key, sign-in.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use russh::client::{self, Handle};
use russh::keys::{PrivateKey, PublicKey};
use russh::{AlgorithmKind, Preferred, SshId};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::error::SshError;
use super::host_key::{ClientError, Guard, Refusals, ScannedHostKey, Trust, fingerprint, preferred_for};
use super::identity::authenticate;
use super::pool::Live;
use super::tunnel;
use super::{SshConfig, TargetAddress};

/// The open connection of a target through which another one is reached.
pub(super) struct Jump {
    pub(super) name: String,
    pub(super) live: Arc<Live>,
}

/// What SSH is spoken over.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Connects and signs in, within the configured time; over `jump`, the open connection of the address's jump,
/// where it has one.
pub(super) async fn dial(
    config: &SshConfig,
    stored: &Arc<PrivateKey>,
    address: &TargetAddress,
    jump: Option<&Jump>,
) -> Result<(Handle<Guard>, Refusals), SshError> {
    within(config, &address.name, &address.host, address.port, async {
        let pin = PublicKey::from_openssh(&address.host_key)
            .map_err(|error| SshError::HostKeyInvalid { target: address.name.clone(), reason: error.to_string() })?;
        let refusals = Refusals::new();
        let settings = client_config(config, preferred_for(&pin));
        let trusted = fingerprint(&pin);
        let guard = Guard { trust: Trust::Pinned(pin), refusals: refusals.clone() };
        let stream = connect(config, &address.name, &address.host, address.port, jump).await?;
        let mut handle = client::connect_stream(settings, stream, guard)
            .await
            .map_err(|error| handshake_error(error, &address.name, &address.host, address.port, &trusted))?;
        authenticate(&mut handle, address, stored).await?;
        Ok((handle, refusals))
    })
    .await
    .map_err(|error| behind(error, jump))
}

/// Looks at the key that a server presents. Nothing is trusted, and nothing signs in.
pub(super) async fn scan(
    config: &SshConfig,
    host: &str,
    port: u16,
    jump: Option<&Jump>,
) -> Result<ScannedHostKey, SshError> {
    within(config, host, host, port, async {
        let guard = Guard { trust: Trust::Scan, refusals: Refusals::new() };
        let stream = connect(config, host, host, port, jump).await?;
        match client::connect_stream(client_config(config, Preferred::DEFAULT), stream, guard).await {
            Err(ClientError::Scanned(key)) => Ok(key),
            Err(error) => Err(handshake_error(error, host, host, port, "none yet")),
            Ok(_) => Err(handshake_error(ClientError::Transport(russh::Error::UnknownKey), host, host, port, "")),
        }
    })
    .await
    .map_err(|error| behind(error, jump))
}

/// The way there from a jump, in an error of the second hop.
fn behind(error: SshError, jump: Option<&Jump>) -> SshError {
    match jump {
        Some(_) if matches!(error, SshError::Jump { .. }) => error,
        Some(jump) => SshError::Behind { jump: jump.name.clone(), error: Box::new(error) },
        None => error,
    }
}

async fn within<T>(
    config: &SshConfig,
    target: &str,
    host: &str,
    port: u16,
    work: impl Future<Output = Result<T, SshError>>,
) -> Result<T, SshError> {
    let after = config.connect_timeout;
    tokio::time::timeout(after, work).await.unwrap_or_else(|_| {
        Err(SshError::ConnectTimeout { target: target.to_owned(), address: authority(host, port), after })
    })
}

fn client_config(config: &SshConfig, preferred: Preferred) -> Arc<client::Config> {
    Arc::new(client::Config {
        client_id: SshId::Standard(concat!("SSH-2.0-Windlass_", env!("CARGO_PKG_VERSION")).into()),
        keepalive_interval: Some(config.keepalive_interval),
        keepalive_max: config.keepalive_max,
        // A write that the network takes no more of keeps the questions from being asked: it has the same limit.
        inactivity_timeout: Some(config.longest_silence()),
        nodelay: true,
        preferred,
        ..client::Config::default()
    })
}

/// The bytes between here and an SSH server: over TCP, or through a jump.
async fn connect(
    config: &SshConfig,
    target: &str,
    host: &str,
    port: u16,
    jump: Option<&Jump>,
) -> Result<Box<dyn Stream>, SshError> {
    let Some(Jump { name, live }) = jump else {
        return Ok(Box::new(connect_tcp(config, target, host, port).await?));
    };
    match tunnel::open(Arc::clone(live), name.clone(), host.to_owned(), port).await {
        Ok(tunnel) => Ok(Box::new(tunnel)),
        Err(SshError::TunnelFailed { address, reason, .. }) => {
            Err(SshError::Unreachable { target: target.to_owned(), address, reason })
        }
        // The jump's own failure, not that of what is behind it.
        Err(error) => Err(SshError::Jump { target: target.to_owned(), error: Box::new(error) }),
    }
}

/// Tries the addresses of a name one after the other, each for its share of the time: one that does
/// not answer must not keep the others from being tried.
async fn connect_tcp(config: &SshConfig, target: &str, host: &str, port: u16) -> Result<QuickAck, SshError> {
    let found = tokio::net::lookup_host((host, port)).await.map_err(|error| SshError::NameUnknown {
        target: target.to_owned(),
        host: host.to_owned(),
        reason: error.to_string(),
    })?;
    let addresses: Vec<_> = found.collect();
    let share = config.connect_timeout / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match tokio::time::timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Interactive traffic: a small packet must not wait for the last one's acknowledgment.
                let _ = stream.set_nodelay(true);
                return Ok(QuickAck(stream));
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    let (target, address, after) = (target.to_owned(), authority(host, port), config.connect_timeout);
    Err(match last.kind() {
        io::ErrorKind::ConnectionRefused => SshError::ConnectionRefused { target, address },
        io::ErrorKind::TimedOut => SshError::ConnectTimeout { target, address, after },
        _ => SshError::Unreachable { target, address, reason: last.to_string() },
    })
}

fn handshake_error(error: ClientError, target: &str, host: &str, port: u16, trusted: &str) -> SshError {
    let (target, address) = (target.to_owned(), authority(host, port));
    match error {
        ClientError::HostKeyChanged { presented } => {
            SshError::HostKeyChanged { target, trusted: trusted.to_owned(), presented }
        }
        // The server has keys, but none of the pinned sort: its key is another one.
        ClientError::Transport(russh::Error::NoCommonAlgo { kind: AlgorithmKind::Key, theirs, .. }) => {
            SshError::HostKeyChanged {
                target,
                trusted: trusted.to_owned(),
                presented: format!("of another sort ({})", theirs.join(", ")),
            }
        }
        ClientError::Transport(error) => SshError::Handshake { target, address, reason: error.to_string() },
        ClientError::Scanned(_) => SshError::Handshake { target, address, reason: "it was only scanned".to_owned() },
    }
}

pub(super) use crate::exchange::authority;

/// A TCP stream that acknowledges at once. Until the first exchange has warmed the connection up, the
/// kernel delays acknowledgments, and each round trip of the sign-in takes 40 ms longer.
struct QuickAck(TcpStream);

impl AsyncRead for QuickAck {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.0).poll_read(cx, buffer);
        if polled.is_ready() {
            // The kernel falls back by itself, so it is asked after each read; without it, it is slower.
            let _ = self.0.set_quickack(true);
        }
        polled
    }
}

impl AsyncWrite for QuickAck {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
