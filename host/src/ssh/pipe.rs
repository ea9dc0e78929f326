//! Streams to what a target has: its Unix sockets, and the two ends of a command.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use russh::{ChannelMsg, ChannelOpenFailure};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::oneshot;

use super::Connection;
use super::error::SshError;
use super::pool::Purpose;
use super::tunnel::Tunnel;

/// Bytes between a command and who talks with it.
const PIPE_BUFFER: usize = 256 * 1024;
/// How much of what a command says to standard error is kept.
const LARGEST_COMPLAINT: usize = 4096;

/// How long a command may take to end once its input has.
const CLOSE_PATIENCE: Duration = Duration::from_secs(10);

/// What a command wrote to standard error, to be read when its stream ended too early.
#[derive(Clone, Debug, Default)]
pub struct Complaint(Arc<Mutex<Vec<u8>>>);

impl Complaint {
    /// What it wrote so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).trim().to_owned()
    }

    fn add(&self, bytes: &[u8]) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = LARGEST_COMPLAINT.saturating_sub(said.len()).min(bytes.len());
        said.extend_from_slice(&bytes[..room]);
    }
}

impl Connection {
    /// Connects to a Unix socket of the target. None: the SSH server did not, and says nothing of the reason:
    /// there is no such socket, nothing listens, the user may not, or forwarding is forbidden.
    pub async fn open_unix(&self, path: &str) -> Result<Option<Tunnel>, SshError> {
        let live = self.live().await?;
        let (sender, receiver) = oneshot::channel();
        let (path, lost) = (path.to_owned(), self.lost("while a socket was opened"));
        // Opened in a task of its own: the answer to a caller that went away is closed, not leaked.
        tokio::spawn(async move {
            let opened = match live.handle.channel_open_direct_streamlocal(path).await {
                Ok(channel) => Ok(Some(Tunnel::new(channel, live))),
                Err(russh::Error::ChannelOpenFailure(failure)) => {
                    live.refusals.next().await;
                    match failure {
                        ChannelOpenFailure::ResourceShortage => Err(lost),
                        _ => Ok(None),
                    }
                }
                Err(_) => Err(lost),
            };
            drop(sender.send(opened));
        });
        receiver.await.unwrap_or_else(|_| Err(self.lost("while a socket was opened")))
    }

    /// Runs a command line whose standard input and output are the stream that is answered. It ends when the
    /// stream is dropped.
    pub async fn open_pipe(&self, line: &str) -> Result<(DuplexStream, Complaint), SshError> {
        let live = self.live().await?;
        let lost = || self.lost("before the command was sent");
        let permit = live.sessions(Purpose::Command).acquire_owned().await.map_err(|_| lost())?;
        let channel = live.handle.channel_open_session().await.map_err(|_| lost())?;
        channel.exec(true, line).await.map_err(|_| lost())?;
        let (ours, theirs) = tokio::io::duplex(PIPE_BUFFER);
        let complaint = Complaint::default();
        let said = complaint.clone();
        let (mut read, write) = channel.split();
        let (mut from_us, mut to_us) = tokio::io::split(theirs);
        tokio::spawn(async move {
            // One that is not read would freeze the connection: what nobody takes any more is dropped.
            let receiving = async {
                while let Some(message) = read.wait().await {
                    match message {
                        ChannelMsg::Data { data } => drop(to_us.write_all(&data).await),
                        ChannelMsg::ExtendedData { data, .. } => said.add(&data),
                        _ => {}
                    }
                }
                drop(to_us.shutdown().await);
            };
            let sending = async {
                let mut buffer = vec![0; 32 * 1024];
                while let Ok(count @ 1..) = from_us.read(&mut buffer).await {
                    if write.data(&buffer[..count]).await.is_err() {
                        break;
                    }
                }
                let _ = write.eof().await;
            };
            {
                tokio::pin!(receiving, sending);
                tokio::select! {
                    () = &mut receiving => {}
                    // The command ends with its input; only then is the session free again.
                    () = &mut sending => drop(tokio::time::timeout(CLOSE_PATIENCE, &mut receiving).await),
                }
            }
            let _ = write.close().await;
            drop((permit, live));
        });
        Ok((ours, complaint))
    }
}
