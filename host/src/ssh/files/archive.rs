//! An archive on its way to a target: what it is, and how much of it was read.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use crate::ssh::session::Input;

const GZIP: [u8; 2] = [0x1f, 0x8b];

pub(super) struct Archive {
    begin: io::Cursor<Vec<u8>>,
    rest: Input,
    gzipped: bool,
    progress: Progress,
}

/// How far the reading has come, seen from outside.
#[derive(Clone, Default)]
pub(super) struct Progress(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    bytes: u64,
    finished: bool,
    error: Option<String>,
}

impl Progress {
    fn update(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The bytes that were sent, if these are all.
    pub(super) fn sent(&self) -> Result<u64, String> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &state.error {
            Some(error) => Err(error.clone()),
            None if !state.finished => Err("it was not read to its end".to_owned()),
            None => Ok(state.bytes),
        }
    }
}

impl Archive {
    /// Looks at the first bytes.
    pub(super) async fn open(mut reader: Input) -> io::Result<Self> {
        let mut begin = Vec::with_capacity(GZIP.len());
        (&mut reader).take(GZIP.len() as u64).read_to_end(&mut begin).await?;
        let gzipped = begin == GZIP;
        Ok(Self { begin: io::Cursor::new(begin), rest: reader, gzipped, progress: Progress::default() })
    }

    pub(super) fn gzipped(&self) -> bool {
        self.gzipped
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress.clone()
    }
}

impl AsyncRead for Archive {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        let mut polled = Pin::new(&mut this.begin).poll_read(cx, buffer);
        if buffer.filled().len() == before && buffer.remaining() > 0 {
            polled = Pin::new(&mut this.rest).poll_read(cx, buffer);
        }
        let read = buffer.filled().len() - before;
        match &polled {
            Poll::Pending => {}
            Poll::Ready(Err(error)) => this.progress.update(|state| state.error = Some(error.to_string())),
            Poll::Ready(Ok(())) if read == 0 && buffer.remaining() > 0 => {
                this.progress.update(|state| state.finished = true);
            }
            Poll::Ready(Ok(())) => this.progress.update(|state| state.bytes += read as u64),
        }
        polled
    }
}
