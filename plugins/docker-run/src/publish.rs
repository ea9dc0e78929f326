//! A free port of the machine for a container, so that several of an app run side by side.
//!
//! The engine itself says whether a port is free, when it starts the container. It is told which one, and does not
//! choose: a port of its own choice would be another one after a restart of the machine, and the proxy in front
//! would not know.

use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;
use windlass_sdk::docker::{self, Port, Spec};
use windlass_sdk::{Context, Error, Result, log};

/// How many ports are tried: that many in a row are taken by something that the range does not fit.
const TRIES: u32 = 25;
/// The label that holds a container's port: one that has stopped for now is not found out by starting another.
const LABEL: &str = "windlass.port";

/// A port of a container, and where it may be published.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// In the container; also its variable `PORT`.
    #[schemars(range(min = 1))]
    pub(crate) container: u16,
    /// The machine's address.
    #[serde(default = "default_address")]
    address: String,
    /// The first port of the machine that may be used.
    #[serde(default = "default_min")]
    #[schemars(range(min = 1))]
    min: u16,
    /// The last one.
    #[serde(default = "default_max")]
    #[schemars(range(min = 1))]
    max: u16,
}

fn default_address() -> String {
    "127.0.0.1".to_owned()
}

/// Below those that Linux gives to outgoing connections.
fn default_min() -> u16 {
    20_000
}

fn default_max() -> u16 {
    29_999
}

impl Publish {
    /// Creates and starts the container at the first port that is free; answers its id and the port.
    pub(crate) fn start(&self, ctx: &Context, target: &str, spec: &Spec, settle: Duration) -> Result<(String, u16)> {
        let taken = taken(target)?;
        let free = self.candidates(ctx.deployment.number)?.filter(|port| !taken.contains(port));
        let mut last = None;
        for port in free.take(TRIES as usize) {
            let mut spec = spec.clone();
            let (container, address) = (self.container, Some(self.address.clone()));
            spec.ports.push(Port { container, host: Some(port), address, protocol: None });
            spec.labels.insert(LABEL.to_owned(), port.to_string());
            let id = docker::create(target, &spec)?;
            match docker::start(target, &spec.name, settle) {
                Ok(()) => return Ok((id, port)),
                Err(error) if error.code == "port-taken" => {
                    log::debug!("port {port} is taken");
                    docker::remove(target, &spec.name, true)?;
                    last = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        let Self { min, max, .. } = self;
        let error = Error::conflict(format!("{target} has no free port from {min} to {max} for {}", spec.name));
        let hint = last.and_then(|error| error.hint).unwrap_or_else(|| "give a larger range of ports".to_owned());
        Err(error.code("no-free-port").hint(hint))
    }

    /// All ports of the range, in an order in which successive deployments rarely meet.
    fn candidates(&self, number: u64) -> Result<impl Iterator<Item = u16>> {
        let (min, max) = (self.min, self.max);
        if min > max {
            return Err(
                Error::invalid_input(format!("the range of ports is empty: {min} to {max}")).hint("swap min and max")
            );
        }
        let size = u64::from(max - min) + 1;
        let port = move |step: u64| min + u16::try_from((number + step) % size).unwrap_or(0);
        Ok((0..size).map(port))
    }
}

/// The ports of all containers that were published like this.
fn taken(target: &str) -> Result<Vec<u16>> {
    let labels = |container: docker::Container| container.labels;
    let port = |(name, value): (String, String)| (name == LABEL).then(|| value.parse().ok()).flatten();
    Ok(docker::list(target, &[(LABEL, "")])?.into_iter().flat_map(labels).filter_map(port).collect())
}
