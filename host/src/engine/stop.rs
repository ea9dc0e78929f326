//! Why an execution is to stop before its end, and how it is told.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Stop {
    /// Effects and guests are told.
    pub(super) cancel: CancellationToken,
    /// Nobody waits for guests and undos any more.
    pub(super) force: CancellationToken,
    reason: Arc<Mutex<Option<StopReason>>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StopReason {
    Canceled {
        by: String,
    },
    /// The deployment's own timeout.
    TimedOut {
        after: Duration,
    },
}

impl Stop {
    /// Asks for the stop; a second time does not wait any more.
    pub(super) fn ask(&self, reason: StopReason) {
        let mut first = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        if first.is_some() {
            self.force.cancel();
        } else {
            *first = Some(reason);
            self.cancel.cancel();
        }
    }

    pub(super) fn reason(&self) -> Option<StopReason> {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn asked(&self) -> bool {
        self.cancel.is_cancelled()
    }
}
