//! A health check that goes on after its deployment, by what that recorded of it.

use super::{Observer, WaitHealthy};
use crate::capability::World;
use crate::journal::Effect;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Failures in a row that mean unhealthy where the check names none: one may be chance.
const FAILURES: u32 = 3;
/// What is looked at more often than this would be busy with it.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);

/// See `windlass:health`. It looks as the stage did: at the same thing, from the same place, as often.
pub struct Watched(WaitHealthy);

impl Watched {
    /// The function whose recorded arguments it is made of.
    pub const FUNCTION: &'static str = WaitHealthy::FUNCTION;

    /// From the arguments in a deployment's journal.
    pub fn from_recorded(arguments: &Value) -> Result<Self, serde_json::Error> {
        WaitHealthy::deserialize(arguments).map(Self)
    }

    /// Between the starts of two looks.
    pub fn interval(&self) -> Duration {
        Duration::from_millis(self.0.interval_ms).max(SHORTEST_INTERVAL)
    }

    /// Failures in a row that mean unhealthy.
    pub fn failures(&self) -> u32 {
        if self.0.failures == 0 { FAILURES } else { self.0.failures }
    }

    /// Successes in a row that mean healthy again.
    pub fn successes(&self) -> u32 {
        self.0.successes.max(1)
    }

    /// Looks once, outside any journal: whether it is healthy, and what was seen, without values of secrets. What
    /// cannot be looked at is not healthy.
    pub async fn look(&self, world: &World, cancel: &CancellationToken) -> (bool, String) {
        let looked = async {
            self.0.check(world)?;
            let observer = Observer::new(&self.0, world).await?;
            observer.look(Duration::from_millis(self.0.timeout_ms), cancel).await
        };
        let (healthy, reason) = match looked.await {
            Ok(attempt) => (attempt.healthy, attempt.reason),
            Err(failure) => (false, failure.message),
        };
        (healthy, world.masker.text(&reason).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_check_is_read_back_as_it_was_recorded() {
        let recorded = json!({
            "target": "web-1", "log": "/srv/shop/log",
            "check": { "http": {
                "host": "127.0.0.1", "port": 3000, "path": "/", "statuses": [200, 204],
                "headers": [["Authorization", [{ "text": "Bearer " }, { "secret": "TOKEN@3" }]]],
                "contains": "ok", "tls": "shop.example.com",
            } },
            "interval_ms": 15_000, "timeout_ms": 5_000, "attempts": 20, "successes": 2, "failures": 5,
        });
        let watched = Watched::from_recorded(&recorded).unwrap();
        assert_eq!(serde_json::to_value(&watched.0).unwrap(), recorded);
        assert_eq!((watched.interval(), watched.failures(), watched.successes()), (Duration::from_secs(15), 5, 2));
    }

    #[test]
    fn what_the_check_leaves_open_has_defaults() {
        for check in [json!({ "tcp": { "host": "::1", "port": 5432 } }), json!({ "exec": { "argv": ["true"] } })] {
            let recorded = json!({ "check": check, "interval_ms": 10, "timeout_ms": 1, "attempts": 1, "successes": 1 });
            let watched = Watched::from_recorded(&recorded).unwrap();
            assert_eq!(serde_json::to_value(&watched.0).unwrap(), recorded);
            assert_eq!((watched.interval(), watched.failures()), (SHORTEST_INTERVAL, FAILURES));
        }
    }
}
