//! `windlass:health`: waiting until something is healthy. The host loops; each attempt is an event.

use super::ssh_exec::ssh_failure;
use super::wit::windlass::{health::health as wit, types::types::Error};
use super::{Capabilities, World};
use crate::journal::{Answered, Effect, Performance, Performed, Preview, canceled};
use crate::ssh::{
    SshErrorKind,
    probe::{Attempt, Probe},
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};
use windlass_api_types::{ErrorKind, Failure, RepeatPolicy};

mod check;

#[derive(Serialize)]
struct WaitHealthy {
    target: String,
    check: check::Check,
    interval_ms: u64,
    timeout_ms: u64,
    attempts: u32,
    successes: u32,
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
        format!("{}: wait until {} is healthy, {} attempts", self.target, self.check, self.attempts)
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        world.target(&self.target)?;
        let valid = self.attempts > 0 && self.successes > 0 && self.successes <= self.attempts && self.timeout_ms > 0;
        match valid {
            true => self.check.validate(),
            false => Err(Failure::new(
                ErrorKind::InvalidInput,
                "bad-policy",
                "a health policy needs attempts, successes (not more than attempts) and a timeout above 0",
            )),
        }
    }

    fn preview(&self, _: bool) -> Preview<Report> {
        Preview::Invent(Report { attempts: 1, latency_ms: 0 })
    }

    async fn perform(self, world: Arc<World>, performance: Performance) -> Answered<Performed<Report>> {
        let connection = world.ssh.connect(world.target(&self.target)?).await.map_err(ssh_failure)?;
        let probe = Probe::from(&self.check);
        let mut in_a_row = 0;
        let mut last = String::new();
        let mut next = Instant::now();
        for number in 1..=self.attempts {
            tokio::select! {
                () = sleep_until(next) => {}
                () = performance.cancel.cancelled() => return Err(canceled()),
            }
            next += Duration::from_millis(self.interval_ms);
            let timeout = Duration::from_millis(self.timeout_ms);
            let attempt = match connection.probe(&probe, timeout, &performance.cancel).await {
                Ok(attempt) => attempt,
                Err(error) if error.kind() == SshErrorKind::Canceled => return Err(canceled()),
                // The target may be back for the next attempt; that is what attempts are for.
                Err(error) => Attempt { healthy: false, latency: Duration::ZERO, reason: error.to_string() },
            };
            let latency_ms = attempt.latency.as_millis().try_into().unwrap_or(u64::MAX);
            performance.tee.attempt(number, self.attempts, attempt.healthy, latency_ms, &attempt.reason).await;
            in_a_row = if attempt.healthy { in_a_row + 1 } else { 0 };
            if in_a_row >= self.successes {
                return Ok(Report { attempts: number, latency_ms }.into());
            }
            last = attempt.reason;
        }
        Err(self.unhealthy(&last))
    }
}

impl WaitHealthy {
    fn unhealthy(&self, last: &str) -> Failure {
        let attempts = self.attempts;
        Failure::new(ErrorKind::Failed, "unhealthy", format!("{}: {attempts}/{attempts}: {last}", self.target))
    }
}

impl wit::Host for Capabilities {
    async fn wait_healthy(
        &mut self,
        probe: wit::Probe,
        policy: wit::Policy,
    ) -> wasmtime::Result<Result<wit::Report, Error>> {
        let answer = self
            .answer(WaitHealthy {
                target: probe.target,
                check: probe.check.into(),
                interval_ms: policy.interval_ms,
                timeout_ms: policy.timeout_ms,
                attempts: policy.attempts,
                successes: policy.successes,
            })
            .await?;
        Ok(answer.map(|report| wit::Report { attempts: report.attempts, latency_ms: report.latency_ms }))
    }
}
