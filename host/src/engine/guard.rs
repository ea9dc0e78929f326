//! A guest under guard: it ends by itself, or is told to and then given a grace, or is dropped.

use super::stop::Stop;
use crate::plugin::{Outcome, RunError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use windlass_api_types::ErrorKind;

/// How long a guest that was told to end may still run: enough to say what it was doing.
const GRACE: Duration = Duration::from_secs(10);

/// How a guarded guest ended.
pub(super) enum Guarded {
    Ended(Result<Outcome, RunError>),
    TimedOut {
        /// It did not end when it was told.
        dropped: bool,
    },
    Canceled,
    /// It was dropped, and goes on elsewhere.
    HandedOver,
}

/// Runs a guest within a limit. `cancel` is told when the limit is over; where it is told before, the
/// deployment is being canceled.
pub(super) async fn guard(
    running: impl Future<Output = Result<Outcome, RunError>>,
    cancel: &CancellationToken,
    stop: &Stop,
    limit: Duration,
) -> Guarded {
    tokio::pin!(running);
    let told = tokio::select! {
        biased;
        end = &mut running => match &end {
            // It was told by the answer of an effect, before this was.
            Ok(Outcome::Failed(failure)) if failure.kind == ErrorKind::Canceled && cancel.is_cancelled() => {
                return Guarded::Canceled;
            }
            _ => return Guarded::Ended(end),
        },
        () = stop.hand_over.cancelled() => return Guarded::HandedOver,
        () = tokio::time::sleep(limit) => Guarded::TimedOut { dropped: false },
        () = cancel.cancelled() => Guarded::Canceled,
    };
    cancel.cancel();
    tokio::select! {
        end = &mut running => match (told, end) {
            // It had done its work before it could be told.
            (Guarded::Canceled, Ok(Outcome::Done(outputs))) => Guarded::Ended(Ok(Outcome::Done(outputs))),
            (told, _) => told,
        },
        () = tokio::time::sleep(GRACE) => told.dropped(),
        () = stop.force.cancelled() => told.dropped(),
        () = stop.hand_over.cancelled() => Guarded::HandedOver,
    }
}

impl Guarded {
    fn dropped(self) -> Self {
        match self {
            Self::TimedOut { .. } => Self::TimedOut { dropped: true },
            other => other,
        }
    }
}
