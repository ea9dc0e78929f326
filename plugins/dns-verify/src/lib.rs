//! The plugin `dns-verify`: waits until resolvers have what a name should be. With `on_failure = "warn"` the
//! deployment goes on without it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use windlass_sdk::dns::{self, RecordType};
use windlass_sdk::{Context, Result, Stage, log};

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The name, such as `shop.example.com`, in a zone that the environment is granted.
    #[schemars(extend("grant" = "zone", "examples" = ["shop.example.com"]))]
    name: String,
    /// A, AAAA, CNAME or TXT.
    #[serde(default)]
    r#type: RecordType,
    /// What it is to have: exactly these, in any order.
    #[schemars(length(min = 1), extend("examples" = [["192.0.2.7"]]))]
    values: Vec<String>,
    /// The servers to ask, such as `9.9.9.9`, with `:port` where it is not 53; none: the zone's own name servers.
    #[serde(default)]
    resolvers: Vec<String>,
    /// Seconds between the starts of two tries.
    #[serde(default = "default_interval_seconds")]
    #[schemars(range(min = 1))]
    interval_seconds: u32,
    /// Seconds after which it gives up.
    #[serde(default = "default_timeout_seconds")]
    timeout_seconds: u32,
}

fn default_interval_seconds() -> u32 {
    10
}

fn default_timeout_seconds() -> u32 {
    180
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// How many tries it took.
    attempts: u32,
    /// Milliseconds from the first try to the last.
    waited_ms: u64,
}

/// The stage.
#[derive(Debug)]
pub struct DnsVerify;

impl Stage for DnsVerify {
    const NAME: &'static str = "dns-verify";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Waits until resolvers have what a DNS name should be";
    type Config = Config;
    type Outputs = Outputs;

    fn run(_: &Context, config: Config) -> Result<Outputs> {
        let record = dns::record(&config.name, config.r#type).values(&config.values);
        let report = record
            .interval(Duration::from_secs(config.interval_seconds.into()))
            .timeout(Duration::from_secs(config.timeout_seconds.into()))
            .wait_propagated(&config.resolvers)?;
        log::info!("{} {} is {} everywhere", config.name, config.r#type, config.values.join(", "));
        let waited_ms = u64::try_from(report.waited.as_millis()).unwrap_or(u64::MAX);
        Ok(Outputs { attempts: report.attempts, waited_ms })
    }
}

windlass_sdk::export!(DnsVerify);

#[cfg(test)]
mod tests;
