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
    /// The directory to make or to fill.
    pub directory: String,
    pub placement: Placement,
    /// `user` or `user:group` of all that is unpacked; absent: the connection's user. Needs `sudo`.
    pub owner: Option<String>,
    /// Names the contents: a directory that holds this digest is left as it is.
    pub digest: String,
    /// The archive's length in bytes.
    pub length: u64,
    /// As root, through `sudo -n`.
    pub sudo: bool,
}

/// What becomes of what a directory holds already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// The directory appears whole or not at all, in place of the old one; one that holds the digest is left alone.
    Replace,
    /// Each file is put in its place in one step; what the archive does not have stays, or is removed.
    Merge { delete: bool },
}

impl Placement {
    fn word(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Merge { delete: false } => "keep",
            Self::Merge { delete: true } => "delete",
        }
    }
}

/// What unpacking came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// None where the directory already holds the digest.
    pub sent: u64,
    /// Files and directories that were there and that the archive does not have.
    pub removed: u64,
}

impl Connection {
    /// Unpacks an archive into a directory of the target.
    pub async fn unpack(
        &self,
        unpack: &Unpack,
        mut archive: impl AsyncRead + Send + Unpin,
        cancel: &CancellationToken,
    ) -> Result<Unpacked, SshError> {
        let unreadable = |reason: String| self.file_error(&unpack.directory, FileError::Unreadable { reason });
        let begin = first_bytes(&mut archive).await.map_err(|error| unreadable(error.to_string()))?;
        let arguments = [
            local(unpack.directory.trim_end_matches('/')),
            Uuid::now_v7().simple().to_string(),
            unpack.digest.clone(),
            unpack.length.to_string(),
            if begin == GZIP { "-xzof" } else { "-xof" }.to_owned(),
            unpack.placement.word().to_owned(),
            unpack.owner.clone().unwrap_or_default(),
        ];
        let job = FileJob { path: &unpack.directory, source: PROGRAM, arguments: &arguments, sudo: unpack.sudo };
        let (input, target) = tokio::io::duplex(AHEAD);
        let (mut answers, said) = Answers::new();
        let limits = Limits::new(cancel, None);
        let running = async move {
            let ended = self.file_exec(&job, Box::new(target), &mut answers, &limits).await?;
            self.file_done(&job, &ended, &answers.capture.stderr)?;
            Ok(answers.removed())
        };
        let archive = std::io::Cursor::new(begin).chain(archive);
        let (ended, sent) = tokio::join!(running, send(input, said, archive, unpack.length));
        match sent {
            Err(Unsent::Archive(reason)) => Err(unreadable(reason)),
            Err(Unsent::Ended) => ended.map(|removed| Unpacked { sent: 0, removed }),
            Ok(sent) => ended.map(|removed| Unpacked { sent, removed }),
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

    /// How much the program said that it removed.
    fn removed(&self) -> u64 {
        let said = String::from_utf8_lossy(&self.capture.stdout);
        said.lines().find_map(|line| line.strip_prefix("removed ")?.parse().ok()).unwrap_or_default()
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
