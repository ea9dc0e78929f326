//! The plugin `dns-record`: gives a name its values, and its former ones back when it is undone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_sdk::dns::{self, RecordType};
use windlass_sdk::{Context, Result, Stage, UndoFn, control, log};

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
    /// The values: addresses, the name it is an alias of, or texts.
    #[schemars(length(min = 1), extend("examples" = [["192.0.2.7"]]))]
    values: Vec<String>,
    /// How long resolvers may keep it, in seconds.
    #[serde(default = "default_ttl")]
    #[schemars(range(min = 1))]
    ttl: u32,
}

fn default_ttl() -> u32 {
    dns::DEFAULT_TTL
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// What the name had before.
    previous: Vec<String>,
}

/// What was there before the first attempt.
#[derive(Debug, Serialize, Deserialize)]
struct Before {
    values: Vec<String>,
    ttl: u32,
}

/// The stage.
#[derive(Debug)]
pub struct DnsRecord;

impl Stage for DnsRecord {
    const NAME: &'static str = "dns-record";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Gives a DNS name its values, and its former ones back when undone";
    type Config = Config;
    type Outputs = Outputs;

    const UNDO: Option<UndoFn<Config>> = Some(undo);

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let before = before(ctx, &config)?;
        dns::record(&config.name, config.r#type).values(&config.values).ttl(config.ttl).upsert()?;
        log::info!("{} {} is {}, was {}", config.name, config.r#type, config.values.join(", "), said(&before.values));
        Ok(Outputs { previous: before.values })
    }
}

/// An earlier attempt may have changed the name already: what it found counts.
fn before(ctx: &Context, config: &Config) -> Result<Before> {
    if let Some(before) = ctx.checkpoint()? {
        return Ok(before);
    }
    let there = dns::record(&config.name, config.r#type).lookup()?;
    let before = Before { values: there.values, ttl: there.ttl };
    control::checkpoint(&before)?;
    Ok(before)
}

fn undo(ctx: &Context, config: Config) -> Result<()> {
    // Without a checkpoint nothing was changed.
    let Some(Before { values, ttl }) = ctx.checkpoint()? else { return Ok(()) };
    let record = dns::record(&config.name, config.r#type);
    log::info!("{} {} is {} again", config.name, config.r#type, said(&values));
    if values.is_empty() { record.delete() } else { record.values(values).ttl(ttl).upsert() }
}

fn said(values: &[String]) -> String {
    if values.is_empty() { "nothing".to_owned() } else { values.join(", ") }
}

windlass_sdk::export!(DnsRecord);

#[cfg(test)]
mod tests;
