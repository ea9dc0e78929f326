//! `windlass:health`: waiting until something is healthy. The host loops; each attempt is an event.

use super::wit::windlass::{health::health as wit, types::types::Error};
use super::{Capabilities, World};
use crate::journal::{Answered, Effect, Performance, Performed, Preview, canceled};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};
use windlass_api_types::{ErrorKind, Failure, RepeatPolicy};

mod app_log;
mod check;
mod from_server;
mod observer;
mod watched;

use app_log::{AppLog, Follower};
use observer::Observer;
pub use watched::Watched;

#[derive(Serialize, Deserialize)]
struct WaitHealthy {
    /// Absent: the server looks itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    check: check::Check,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<AppLog>,
    interval_ms: u64,
    timeout_ms: u64,
    attempts: u32,
    successes: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    failures: u32,
}

#[derive(Serialize, Deserialize)]
struct Report {
    attempts: u32,
    latency_ms: u64,
}

impl Effect for WaitHealthy {
    const FUNCTION: &'static str = "health.wait-healthy";
    type World = World;
    type Answer = Report;

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Read
    }

    fn summary(&self) -> String {
        format!("{}: wait until {} is healthy, {} attempts", self.place(), self.check, self.attempts)
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        let invalid = |code: &str, message: &str| Err(Failure::new(ErrorKind::InvalidInput, code, message));
        if self.attempts == 0 || self.successes == 0 || self.successes > self.attempts || self.timeout_ms == 0 {
            let message = "a health policy needs attempts, successes (not more than attempts) and a timeout above 0";
            return invalid("bad-policy", message);
        }
        self.check.validate(world)?;
        match &self.target {
            Some(target) => world.target(target).map(drop),
            None if self.log.is_some() => {
                invalid("log-without-target", "a probe from the server has no log: `log` needs a target")
            }
            None => self.check.validate_from_server(world),
        }
    }

    fn preview(&self, _: bool) -> Preview<Report> {
        Preview::Invent(Report { attempts: 1, latency_ms: 0 })
    }

    async fn perform(self, world: Arc<World>, performance: Performance) -> Answered<Performed<Report>> {
        let observer = Observer::new(&self, &world).await?;
        let stop = performance.cancel.child_token();
        let follower = Follower::new(&self, &observer, &world, &performance);
        let probing = async {
            let end = self.probe(&observer, &performance).await;
            stop.cancel();
            end
        };
        let (end, said) = tokio::join!(probing, follower.follow(&stop));
        match end? {
            Ok(report) => Ok(report.into()),
            Err(unhealthy) => Err(self.with_log(unhealthy, said, &observer, &performance).await),
        }
    }
}

impl WaitHealthy {
    /// Looks until it is healthy, or unhealthy for good. Another failure is none of the health.
    async fn probe(&self, observer: &Observer<'_>, performance: &Performance) -> Answered<Answered<Report>> {
        let timeout = Duration::from_millis(self.timeout_ms);
        let (mut healthy_in_a_row, mut unhealthy_in_a_row) = (0, 0);
        let mut last = (0, String::new());
        let mut next = Instant::now();
        for number in 1..=self.attempts {
            tokio::select! {
                () = sleep_until(next) => {}
                () = performance.cancel.cancelled() => return Err(canceled()),
            }
            next += Duration::from_millis(self.interval_ms);
            let attempt = observer.look(timeout, &performance.cancel).await?;
            let latency_ms = attempt.latency.as_millis().try_into().unwrap_or(u64::MAX);
            performance.tee.attempt(number, self.attempts, attempt.healthy, latency_ms, &attempt.reason).await;
            (healthy_in_a_row, unhealthy_in_a_row) = match attempt.healthy {
                true => (healthy_in_a_row + 1, 0),
                false => (0, unhealthy_in_a_row + 1),
            };
            if healthy_in_a_row >= self.successes {
                return Ok(Ok(Report { attempts: number, latency_ms }));
            }
            last = (number, attempt.reason);
            if self.failures > 0 && unhealthy_in_a_row >= self.failures {
                break;
            }
        }
        Ok(Err(self.unhealthy(last.0, &last.1)))
    }

    fn unhealthy(&self, number: u32, reason: &str) -> Failure {
        let message = format!("{}: {number}/{}: {reason}", self.place(), self.attempts);
        Failure::new(ErrorKind::Failed, "unhealthy", message)
    }

    /// Where it is looked from.
    fn place(&self) -> &str {
        self.target.as_deref().unwrap_or("from the server")
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl wit::Host for Capabilities {
    async fn wait_healthy(
        &mut self,
        probe: wit::Probe,
        policy: wit::Policy,
    ) -> wasmtime::Result<Result<wit::Report, Error>> {
        let effect = WaitHealthy {
            target: probe.target,
            check: check::Check::from_wit(probe.check, &self.journal),
            log: probe.log.map(AppLog::from),
            interval_ms: policy.interval_ms,
            timeout_ms: policy.timeout_ms,
            attempts: policy.attempts,
            successes: policy.successes,
            failures: policy.failures,
        };
        let answer = self.answer(effect).await?;
        Ok(answer.map(|report| wit::Report { attempts: report.attempts, latency_ms: report.latency_ms }))
    }
}

#[cfg(test)]
mod tests;
