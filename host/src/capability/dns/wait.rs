//! Waiting until resolvers have what was changed. The host loops; each attempt is a line of the log.

use super::{check_resolvers, failure, servers};
use crate::capability::World;
use crate::dns::{self, DnsError, RecordSet, RecordType};
use crate::journal::{Answered, Effect, Performance, Performed, Preview, canceled};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};
use windlass_api_types::{ErrorKind, Failure, Level, RepeatPolicy};

/// Any TTL: waiting does not ask for one.
const ANY_TTL: u32 = 1;

#[derive(Serialize)]
pub(super) struct WaitPropagated {
    pub(super) name: String,
    pub(super) r#type: RecordType,
    pub(super) values: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) resolvers: Vec<String>,
    pub(super) interval_ms: u64,
    pub(super) timeout_ms: u64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Report {
    pub(super) attempts: u32,
    pub(super) waited_ms: u64,
}

impl Effect for WaitPropagated {
    const FUNCTION: &'static str = "dns.wait-propagated";
    type World = World;
    type Answer = Report;

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Read
    }

    fn summary(&self) -> String {
        let servers = servers(&self.resolvers, "the zone's name servers");
        format!("{} {}: wait until {servers} say {}", self.name, self.r#type, self.values.join(", "))
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        check_resolvers(&self.resolvers)?;
        if self.interval_ms == 0 {
            return Err(Failure::new(ErrorKind::InvalidInput, "bad-policy", "a wait needs an interval above 0"));
        }
        world.zone(&self.set()?.name)
    }

    fn preview(&self, _: bool) -> Preview<Report> {
        Preview::Invent(Report { attempts: 1, waited_ms: 0 })
    }

    async fn perform(self, world: Arc<World>, performance: Performance) -> Answered<Performed<Report>> {
        tokio::select! {
            report = self.wait(&world, &performance) => Ok(report?.into()),
            () = performance.cancel.cancelled() => Err(canceled()),
        }
    }
}

impl WaitPropagated {
    fn set(&self) -> Result<RecordSet, Failure> {
        RecordSet::new(&self.name, self.r#type, &self.values, ANY_TTL).map_err(failure)
    }

    async fn wait(&self, world: &World, performance: &Performance) -> Result<Report, Failure> {
        let set = self.set()?;
        let resolvers = match self.resolvers.is_empty() {
            true => world.zones.server(&set.name)?.name_servers().await.map_err(failure)?,
            false => self.resolvers.clone(),
        };
        let started = Instant::now();
        let end = started + Duration::from_millis(self.timeout_ms);
        for attempts in 1.. {
            let at = Instant::now();
            let waited = at - started;
            let last = disagreements(&resolvers, &set).await;
            let waited_ms = waited.as_millis().try_into().unwrap_or(u64::MAX);
            if last.is_empty() {
                let line = format!("attempt {attempts}: {} {} is {}", set.name, set.kind, set.values.join(", "));
                performance.tee.line(Level::Info, &line).await;
                return Ok(Report { attempts, waited_ms });
            }
            let last = last.join("; ");
            performance
                .tee
                .line(Level::Info, &format!("attempt {attempts}, after {} s: {last}", waited.as_secs()))
                .await;
            if Instant::now() >= end {
                let (name, kind, seconds) = (set.name.to_string(), set.kind, self.timeout_ms / 1000);
                return Err(failure(DnsError::NotPropagated { name, kind, seconds, last }));
            }
            sleep_until((at + Duration::from_millis(self.interval_ms)).min(end)).await;
        }
        unreachable!("attempts are counted until one of them ends the wait")
    }
}

/// What each server says that does not have exactly the values.
async fn disagreements(resolvers: &[String], set: &RecordSet) -> Vec<String> {
    let asked = resolvers.iter().map(async |resolver| match dns::lookup(resolver, &set.name, set.kind).await {
        Ok(found) if found.values == set.values => None,
        Ok(found) => Some(format!("{resolver} says {found}")),
        Err(error) => Some(error.to_string()),
    });
    futures::future::join_all(asked).await.into_iter().flatten().collect()
}
