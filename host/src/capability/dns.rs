//! `windlass:dns`: names in the zones that the operator configured and the environment's grants name.

use super::wit::windlass::{dns::dns as wit, types::types::Error};
use super::{Capabilities, World};
use crate::dns::{self, DnsName, Found, RecordSet, RecordType};
use crate::journal::{Answered, Effect, Performance, Performed, Preview, canceled};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use windlass_api_types::grant::GrantKind;
use windlass_api_types::{ErrorKind, Failure, RepeatPolicy};

mod wait;

/// Servers that one call asks at most.
const MOST_RESOLVERS: usize = 16;

/// A new set of values.
#[derive(Serialize)]
struct Upsert {
    name: String,
    r#type: RecordType,
    values: Vec<String>,
    ttl: u32,
}

impl Effect for Upsert {
    const FUNCTION: &'static str = "dns.upsert";
    type World = World;
    type Answer = ();

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Idempotent
    }

    fn summary(&self) -> String {
        format!("{} {} = {} for {} s", self.name, self.r#type, self.values.join(", "), self.ttl)
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        let set = self.set()?;
        world.zone(&set.name)
    }

    fn preview(&self, _: bool) -> Preview<()> {
        Preview::Invent(())
    }

    // A change that was sent is waited for, canceled or not: its outcome is known within seconds.
    async fn perform(self, world: Arc<World>, performance: Performance) -> Answered<Performed<()>> {
        let set = self.set()?;
        if performance.cancel.is_cancelled() {
            return Err(canceled());
        }
        world.zones.server(&set.name)?.upsert(&set).await.map_err(failure)?;
        Ok(().into())
    }
}

impl Upsert {
    fn set(&self) -> Result<RecordSet, Failure> {
        RecordSet::new(&self.name, self.r#type, &self.values, self.ttl).map_err(failure)
    }
}

/// No values any more.
#[derive(Serialize)]
struct Delete {
    name: String,
    r#type: RecordType,
}

impl Effect for Delete {
    const FUNCTION: &'static str = "dns.delete";
    type World = World;
    type Answer = ();

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Idempotent
    }

    fn summary(&self) -> String {
        format!("{} {}: delete", self.name, self.r#type)
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        world.zone(&name(&self.name)?)
    }

    fn preview(&self, _: bool) -> Preview<()> {
        Preview::Invent(())
    }

    async fn perform(self, world: Arc<World>, performance: Performance) -> Answered<Performed<()>> {
        let name = name(&self.name)?;
        if performance.cancel.is_cancelled() {
            return Err(canceled());
        }
        world.zones.server(&name)?.delete(&name, self.r#type).await.map_err(failure)?;
        Ok(().into())
    }
}

/// What servers have.
#[derive(Serialize)]
struct Lookup {
    name: String,
    r#type: RecordType,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resolvers: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct ServerAnswer {
    resolver: String,
    #[serde(flatten)]
    found: Found,
}

impl Effect for Lookup {
    const FUNCTION: &'static str = "dns.lookup";
    type World = World;
    type Answer = Vec<ServerAnswer>;

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Read
    }

    fn summary(&self) -> String {
        format!("{} {}: ask {}", self.name, self.r#type, servers(&self.resolvers, "the zone's provider"))
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        check_resolvers(&self.resolvers)?;
        world.zone(&name(&self.name)?)
    }

    fn preview(&self, _: bool) -> Preview<Vec<ServerAnswer>> {
        Preview::Perform
    }

    async fn perform(self, world: Arc<World>, performance: Performance) -> Answered<Performed<Vec<ServerAnswer>>> {
        tokio::select! {
            answers = self.ask(&world) => Ok(answers?.into()),
            () = performance.cancel.cancelled() => Err(canceled()),
        }
    }
}

impl Lookup {
    async fn ask(&self, world: &World) -> Result<Vec<ServerAnswer>, Failure> {
        let name = name(&self.name)?;
        if self.resolvers.is_empty() {
            let found = world.zones.server(&name)?.read(&name, self.r#type).await.map_err(failure)?;
            return Ok(vec![ServerAnswer { resolver: String::new(), found }]);
        }
        let mut answers = Vec::new();
        for resolver in &self.resolvers {
            let found = dns::lookup(resolver, &name, self.r#type).await.map_err(failure)?;
            answers.push(ServerAnswer { resolver: resolver.clone(), found });
        }
        Ok(answers)
    }
}

impl World {
    /// Whether the zone that a name is in is granted, or a part of it that the name is in.
    fn zone(&self, name: &DnsName) -> Result<(), Failure> {
        let zone = self.zones.zone_of(name).map_err(failure)?;
        match self.granter.zone(zone, name) {
            true => Ok(()),
            false => {
                Err(self.granter.denied(GrantKind::Zone, zone, format!("use the name {name} of the zone `{zone}`")))
            }
        }
    }
}

fn name(text: &str) -> Result<DnsName, Failure> {
    DnsName::parse(text).map_err(failure)
}

fn check_resolvers(resolvers: &[String]) -> Result<(), Failure> {
    if resolvers.len() > MOST_RESOLVERS {
        let message = format!("{} DNS servers to ask; at most {MOST_RESOLVERS}", resolvers.len());
        return Err(Failure::new(ErrorKind::InvalidInput, "too-many-resolvers", message));
    }
    resolvers.iter().try_for_each(|resolver| dns::check_server(resolver).map(drop).map_err(failure))
}

fn servers(resolvers: &[String], none: &str) -> String {
    if resolvers.is_empty() { none.into() } else { resolvers.join(", ") }
}

fn failure(error: dns::DnsError) -> Failure {
    error.failure()
}

impl From<wit::RecordType> for RecordType {
    fn from(kind: wit::RecordType) -> Self {
        match kind {
            wit::RecordType::A => Self::A,
            wit::RecordType::Aaaa => Self::Aaaa,
            wit::RecordType::Cname => Self::Cname,
            wit::RecordType::Txt => Self::Txt,
        }
    }
}

impl wit::Host for Capabilities {
    async fn upsert(
        &mut self,
        name: String,
        r#type: wit::RecordType,
        values: Vec<String>,
        ttl: u32,
    ) -> wasmtime::Result<Result<(), Error>> {
        self.answer(Upsert { name, r#type: r#type.into(), values, ttl }).await
    }

    async fn delete(&mut self, name: String, r#type: wit::RecordType) -> wasmtime::Result<Result<(), Error>> {
        self.answer(Delete { name, r#type: r#type.into() }).await
    }

    async fn lookup(
        &mut self,
        name: String,
        r#type: wit::RecordType,
        resolvers: Vec<String>,
    ) -> wasmtime::Result<Result<Vec<wit::Answer>, Error>> {
        let answers = self.answer(Lookup { name, r#type: r#type.into(), resolvers }).await?;
        let answer = |ServerAnswer { resolver, found }| wit::Answer { resolver, values: found.values, ttl: found.ttl };
        Ok(answers.map(|answers| answers.into_iter().map(answer).collect()))
    }

    async fn wait_propagated(
        &mut self,
        name: String,
        r#type: wit::RecordType,
        values: Vec<String>,
        resolvers: Vec<String>,
        policy: wit::Policy,
    ) -> wasmtime::Result<Result<wit::Report, Error>> {
        let wit::Policy { interval_ms, timeout_ms } = policy;
        let wait = wait::WaitPropagated { name, r#type: r#type.into(), values, resolvers, interval_ms, timeout_ms };
        let answer = self.answer(wait).await?;
        Ok(answer.map(|report| wit::Report { attempts: report.attempts, waited_ms: report.waited_ms }))
    }
}

#[cfg(test)]
mod tests;
