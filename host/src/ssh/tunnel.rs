//! Connections that start on the target.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use russh::client::Msg;
use russh::{Channel, ChannelOpenFailure, ChannelStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;

use super::Connection;
use super::dial::authority;
use super::error::SshError;
use super::pool::Live;

/// A connection through a target, to an address or a socket of it. It keeps the SSH connection open, and closes when dropped.
pub struct Tunnel {
    stream: ChannelStream<Msg>,
    _live: Arc<Live>,
}

impl Tunnel {
    pub(super) fn new(channel: Channel<Msg>, live: Arc<Live>) -> Self {
        Self { stream: channel.into_stream(), _live: live }
    }
}

impl Connection {
    /// Connects to `host` and `port` as seen from the target. There is no limit of time: a target takes
    /// minutes to give up on an address that does not answer.
    pub async fn open_tcp(&self, host: &str, port: u16) -> Result<Tunnel, SshError> {
        let live = self.live().await?;
        let (sender, receiver) = oneshot::channel();
        let (name, target) = (host.to_owned(), self.target());
        // Opened in a task of its own: the answer to a caller that went away is closed, not leaked.
        tokio::spawn(async move { drop(sender.send(open(live, target, name, port).await)) });
        receiver.await.unwrap_or_else(|_| Err(self.lost("while a tunnel was opened")))
    }
}

/// A connection to `host` and `port` as seen from the target of `live`.
pub(super) async fn open(live: Arc<Live>, target: String, host: String, port: u16) -> Result<Tunnel, SshError> {
    let address = authority(&host, port);
    match live.handle.channel_open_direct_tcpip(host, port.into(), "127.0.0.1", 0).await {
        Ok(channel) => Ok(Tunnel::new(channel, live)),
        Err(russh::Error::ChannelOpenFailure(kind)) => {
            let said = live.refusals.next().await;
            Err(match kind {
                ChannelOpenFailure::AdministrativelyProhibited => SshError::ForwardingDenied { target },
                _ => SshError::TunnelFailed { target, address, reason: reason(&said) },
            })
        }
        Err(_) => Err(SshError::ConnectionLost { target, during: "while a tunnel was opened".to_owned() }),
    }
}

/// What SSH servers say where they have no better words.
const VAGUE: [&str; 4] = ["", "open failed", "connect failed", "connection failed"];

/// In lower case, as it stands in the middle of a sentence.
fn reason(said: &str) -> String {
    let said = said.to_lowercase();
    if VAGUE.contains(&said.as_str()) { "connection refused".to_owned() } else { said }
}

impl AsyncRead for Tunnel {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        // The channel waits for room for at least one byte, which no bytes never get.
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
