//! Uploads what is to be deployed, packing it while it is sent.

use super::CliError;
use super::archive::{ArchiveError, Listing};
use super::output::Output;
use super::render::text::bytes;
use crate::client::Client;
use bytes::Bytes;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use windlass_api_types::deployment::StoredBlob;

/// Bytes of the archive are sent in pieces of this size.
const PIECE: usize = 64 * 1024;
/// Pieces packed ahead of the network: enough to keep both busy, 1 MiB of memory.
const PIECES_AHEAD: usize = 16;
/// After a refusal, how long packing may take to notice that nobody listens; it only knows a better reason.
const AFTER_REFUSAL: Duration = Duration::from_secs(2);
/// How often the person who waits sees the progress.
const TICK: Duration = Duration::from_millis(200);

/// Uploads a file or a directory. Answers the stored archive.
pub(super) async fn upload(client: &Client, path: &Path, output: Output) -> Result<StoredBlob, CliError> {
    let listing = Listing::of(path).map_err(unusable)?;
    let total = listing.total();
    let read = Arc::new(AtomicU64::new(0));
    let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
    let counted = read.clone();
    let mut packing = tokio::task::spawn_blocking(move || pack(&listing, sender, &counted));

    let body = reqwest::Body::wrap_stream(ReceiverStream::new(receiver));
    let uploading = client.upload_artifact(body);
    tokio::pin!(uploading);
    let mut tick = tokio::time::interval(TICK);
    let shown = output.is_live_on_stderr();
    let stored = loop {
        tokio::select! {
            stored = &mut uploading => break stored,
            _ = tick.tick(), if shown => {
                progress(&format!("uploading {} of {}", bytes(read.load(Ordering::Relaxed)), bytes(total)));
            }
        }
    };
    if shown {
        progress("");
    }
    // A file that could not be read is why the upload failed, and the better message.
    match tokio::time::timeout(AFTER_REFUSAL, &mut packing).await {
        Ok(Ok(Err(error))) if !matches!(error, ArchiveError::Write(_)) => Err(unusable(error)),
        _ => Ok(stored?),
    }
}

fn unusable(error: ArchiveError) -> CliError {
    let hint = match &error {
        ArchiveError::Special { .. } => "deploy a directory that holds only files, directories and links",
        ArchiveError::Shrunk { .. } => "deploy when whatever writes the file has finished",
        ArchiveError::Empty { .. } => "check that the build has written its output there",
        ArchiveError::Read { .. } | ArchiveError::Write(_) => "check that the path is right and that you may read it",
    };
    CliError::usage(error.to_string(), hint)
}

/// A line that the next one replaces.
fn progress(text: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = write!(stderr, "\r\x1b[K{text}").and_then(|()| stderr.flush());
}

fn pack(listing: &Listing, sender: mpsc::Sender<io::Result<Bytes>>, read: &AtomicU64) -> Result<(), ArchiveError> {
    let output = io::BufWriter::with_capacity(PIECE, Pieces(sender.clone()));
    let packed = listing.write(output, |done| read.store(done, Ordering::Relaxed));
    if let Err(error) = &packed {
        // The request must break off: an archive cut short must not be stored as a whole one.
        let _ = sender.blocking_send(Err(io::Error::other(error.to_string())));
    }
    packed
}

struct Pieces(mpsc::Sender<io::Result<Bytes>>);

impl Write for Pieces {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(piece)));
        sent.map(|()| piece.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
