//! What ends a command before it ends by itself.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::ssh::error::SshError;

/// A token to cancel it, and perhaps a limit of time, counted from the request.
#[derive(Clone)]
pub(in crate::ssh) struct Limits {
    cancel: CancellationToken,
    timeout: Option<(Duration, Instant)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ssh) enum Stop {
    Canceled,
    TimedOut { limit: Duration },
}

impl Stop {
    pub(in crate::ssh) fn error(self, target: String, confirmed: bool) -> SshError {
        match self {
            Self::Canceled => SshError::Canceled { target, confirmed },
            Self::TimedOut { limit } => SshError::Timeout { target, limit, confirmed },
        }
    }
}

impl Limits {
    pub(in crate::ssh) fn new(cancel: &CancellationToken, timeout: Option<Duration>) -> Self {
        Self { cancel: cancel.clone(), timeout: timeout.map(|limit| (limit, Instant::now() + limit)) }
    }

    /// Ends when the command has to.
    pub(in crate::ssh) async fn reached(&self) -> Stop {
        match self.timeout {
            None => {
                self.cancel.cancelled().await;
                Stop::Canceled
            }
            Some((limit, at)) => tokio::select! {
                () = self.cancel.cancelled() => Stop::Canceled,
                () = tokio::time::sleep_until(at) => Stop::TimedOut { limit },
            },
        }
    }

    /// Does `work` unless the limits are reached first; nothing has been started then.
    pub(in crate::ssh) async fn bound<T>(
        &self,
        target: &str,
        work: impl Future<Output = Result<T, SshError>>,
    ) -> Result<T, SshError> {
        tokio::select! {
            done = work => done,
            stop = self.reached() => Err(stop.error(target.to_owned(), true)),
        }
    }
}
