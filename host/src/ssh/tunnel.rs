//! TCP connections that start on the target.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use russh::client::Msg;
use russh::{ChannelOpenFailure, ChannelStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;

use super::Connection;
use super::dial::authority;
use super::error::SshError;
use super::pool::Live;

/// A TCP connection through a target. It keeps the SSH connection open, and closes when dropped.
pub struct Tunnel {
    stream: ChannelStream<Msg>,
    _live: Arc<Live>,
}

impl Connection {
    /// Connects to `host` and `port` as seen from the target. There is no limit of time: a target takes
    /// minutes to give up on an address that does not answer.
    pub async fn open_tcp(&self, host: &str, port: u16) -> Result<Tunnel, SshError> {
        let live = self.live().await?;
        let (sender, receiver) = oneshot::channel();
        let (opener, name) = (Arc::clone(&live), host.to_owned());
        // Opened in a task of its own: the answer to a caller that went away is closed, not leaked.
        tokio::spawn(async move {
            let opened = opener
                .handle
                .channel_open_direct_tcpip(name, port.into(), "127.0.0.1", 0)
                .await;
            drop(sender.send(opened.map(|channel| Tunnel {
                stream: channel.into_stream(),
                _live: Arc::clone(&opener),
            })));
        });
        match receiver.await {
            Ok(Ok(tunnel)) => Ok(tunnel),
            Ok(Err(russh::Error::ChannelOpenFailure(
                ChannelOpenFailure::AdministrativelyProhibited,
            ))) => Err(SshError::ForwardingDenied {
                target: self.target(),
            }),
            Ok(Err(russh::Error::ChannelOpenFailure(_))) => Err(SshError::TunnelFailed {
                target: self.target(),
                address: authority(host, port),
                reason: reason(live.refusal.take()),
            }),
            Ok(Err(_)) | Err(_) => Err(self.lost("while a tunnel was opened")),
        }
    }
}

/// In lower case, as it stands in the middle of a sentence.
fn reason(said: Option<String>) -> String {
    match said.filter(|text| !text.is_empty()) {
        // sshd's words where it has no better ones.
        None => "connection refused".to_owned(),
        Some(text) if text == "open failed" || text == "Connection failed" => {
            "connection refused".to_owned()
        }
        Some(text) => text.to_lowercase(),
    }
}

impl AsyncRead for Tunnel {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
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
