//! An archive on its way into a directory of a target, in one session: looked for, sent, committed.

use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{FileError, FileJob, MESSAGES, local};
use crate::ssh::Connection;
use crate::ssh::error::SshError;
use crate::ssh::exec::Limits;
use crate::ssh::reception::{Capture, OutputSink, OutputStream};

/// The program on the target, which says what it speaks with this side.
const PROGRAM: &str = include_str!("unpack.sh");
/// Bytes of the archive that wait for the connection.
const AHEAD: usize = 256 * 1024;
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// An archive to unpack: tar, gzipped or not.
#[derive(Clone, Debug)]
pub struct Unpack {
    /// The directory to make; what was there is replaced.
    pub directory: String,
    /// Names the contents: a directory that holds this digest is left as it is.
    pub digest: String,
    /// The archive's length in bytes.
    pub length: u64,
    /// As root, through `sudo -n`.
    pub sudo: bool,
}

impl Connection {
    /// Unpacks an archive into a directory that appears whole or not at all. Answers how many bytes were
    /// sent: none where the directory already holds the digest.
    pub async fn unpack(
        &self,
        unpack: &Unpack,
        mut archive: impl AsyncRead + Send + Unpin,
        cancel: &CancellationToken,
    ) -> Result<u64, SshError> {
        let unreadable = |reason: String| self.file_error(&unpack.directory, FileError::Unreadable { reason });
        let begin = first_bytes(&mut archive).await.map_err(|error| unreadable(error.to_string()))?;
        let arguments = [
            local(unpack.directory.trim_end_matches('/')),
            Uuid::now_v7().simple().to_string(),
            unpack.digest.clone(),
            unpack.length.to_string(),
            if begin == GZIP { "-xzof" } else { "-xof" }.to_owned(),
        ];
        let job = FileJob { path: &unpack.directory, source: PROGRAM, arguments: &arguments, sudo: unpack.sudo };
        let (input, target) = tokio::io::duplex(AHEAD);
        let (mut answers, said) = Answers::new();
        let limits = Limits::new(cancel, None);
        let running = async move {
            let ended = self.file_exec(&job, Box::new(target), &mut answers, &limits).await?;
            self.file_done(&job, &ended, &answers.capture.stderr)
        };
        let archive = std::io::Cursor::new(begin).chain(archive);
        let (ended, sent) = tokio::join!(running, send(input, said, archive, unpack.length));
        match sent {
            Err(Unsent::Archive(reason)) => Err(unreadable(reason)),
            Err(Unsent::Ended) => ended.map(|()| 0),
            Ok(sent) => ended.map(|()| sent),
        }
    }
}

/// Why the archive was not sent.
enum Unsent {
    /// It could not be read, or is not as long as it should be.
    Archive(String),
    /// The program on the target ended before; it says why.
    Ended,
}

/// This side of the conversation. Answers how many bytes of the archive were sent.
async fn send(
    mut input: DuplexStream,
    mut said: watch::Receiver<Said>,
    mut archive: impl AsyncRead + Unpin,
    length: u64,
) -> Result<u64, Unsent> {
    hear(&mut said, Said::Send).await?;
    let mut sent = 0;
    let mut chunk = vec![0; AHEAD];
    loop {
        let read = archive.read(&mut chunk).await.map_err(|error| Unsent::Archive(error.to_string()))?;
        if read == 0 {
            break;
        }
        sent += read as u64;
        input.write_all(&chunk[..read]).await.map_err(|_| Unsent::Ended)?;
    }
    if sent != length {
        return Err(Unsent::Archive(format!("it has {sent} bytes instead of {length}")));
    }
    hear(&mut said, Said::Unpacked).await?;
    input.write_all(b"commit\n").await.map_err(|_| Unsent::Ended)?;
    Ok(sent)
}

async fn hear(said: &mut watch::Receiver<Said>, wanted: Said) -> Result<(), Unsent> {
    said.wait_for(|said| *said >= wanted).await.map(drop).map_err(|_| Unsent::Ended)
}

async fn first_bytes(archive: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut begin = Vec::with_capacity(GZIP.len());
    archive.take(GZIP.len() as u64).read_to_end(&mut begin).await?;
    Ok(begin)
}

/// What the program has said so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    Nothing,
    Send,
    Unpacked,
}

/// Takes what the program says, and passes it on.
struct Answers {
    capture: Capture,
    said: watch::Sender<Said>,
}

impl Answers {
    fn new() -> (Self, watch::Receiver<Said>) {
        let (said, hears) = watch::channel(Said::Nothing);
        (Self { capture: Capture::new(MESSAGES), said }, hears)
    }
}

impl OutputSink for Answers {
    fn write<'a>(&'a mut self, stream: OutputStream, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        self.capture.keep(stream, bytes);
        let said = match self.capture.stdout.as_slice() {
            b"send\n" => Said::Send,
            b"send\nunpacked\n" => Said::Unpacked,
            _ => Said::Nothing,
        };
        self.said.send_if_modified(|before| {
            said > *before && {
                *before = said;
                true
            }
        });
        Box::pin(std::future::ready(()))
    }
}
