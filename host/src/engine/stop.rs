//! What an execution is told while it runs: to stop before its end, and why; to let go of its deployment; that a
//! person has answered.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Stop {
    /// Effects and guests are told.
    pub(super) cancel: CancellationToken,
    /// Nobody waits for guests and undos any more.
    pub(super) force: CancellationToken,
    /// This process lets go of the deployment: it is left as it is, for whoever takes it over.
    pub(super) hand_over: CancellationToken,
    /// Something that a stage run waits for may be in the record.
    pub(super) answered: Arc<Notify>,
    asked: Arc<Mutex<Asked>>,
}

#[derive(Default)]
struct Asked {
    /// The first, which is why it stops.
    reason: Option<StopReason>,
    by_person: bool,
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
    /// For an execution that is let go of with all that run in this process.
    pub(super) fn with(hand_over: CancellationToken) -> Self {
        Self { hand_over, ..Self::default() }
    }

    /// Asks for the stop; a person who asks a second time does not wait any more.
    pub(super) fn ask(&self, reason: StopReason) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let person = matches!(reason, StopReason::Canceled { .. });
        if person && asked.by_person {
            self.force.cancel();
        }
        asked.by_person |= person;
        asked.reason.get_or_insert(reason);
        self.cancel.cancel();
    }

    pub(super) fn reason(&self) -> Option<StopReason> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).reason.clone()
    }

    pub(super) fn asked(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_person_who_asks_twice_forces() {
        let person = || StopReason::Canceled { by: "ada".into() };
        let timeout = || StopReason::TimedOut { after: Duration::from_secs(1) };
        for (asks, forced) in [
            (vec![person(), timeout()], false),
            (vec![timeout(), person()], false),
            (vec![timeout(), person(), person()], true),
            (vec![person(), person()], true),
        ] {
            let stop = Stop::default();
            asks.iter().cloned().for_each(|reason| stop.ask(reason));
            assert!(stop.asked());
            assert_eq!((stop.force.is_cancelled(), stop.reason()), (forced, Some(asks[0].clone())), "{asks:?}");
        }
    }
}
