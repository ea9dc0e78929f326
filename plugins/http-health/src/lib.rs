//! The plugin `http-health`: waits until the app answers on its health path.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use windlass_process_kit::RemotePath;
use windlass_sdk::{Context, Error, Result, Stage, health, log, ssh};

/// How many lines of the app's log a failure quotes.
const QUOTED_LINES: usize = 20;

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The port, on the target.
    #[schemars(range(min = 1))]
    port: u16,
    /// What is asked for: `GET <path>`.
    #[serde(default = "default_path")]
    #[schemars(regex(pattern = "^/"))]
    path: String,
    /// The host, as seen from the target.
    #[serde(default = "default_host")]
    host: String,
    /// The statuses that are healthy; 200 to 299 where there are none.
    #[serde(default)]
    statuses: Vec<u16>,
    /// Additional headers, such as `Host`.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Seconds between the starts of two tries.
    #[serde(default = "default_interval_seconds")]
    #[schemars(range(min = 1))]
    interval_seconds: u32,
    /// Seconds that a try may take.
    #[serde(default = "default_timeout_seconds")]
    #[schemars(range(min = 1))]
    timeout_seconds: u32,
    /// How many tries there are in all.
    #[serde(default = "default_attempts")]
    #[schemars(range(min = 1))]
    attempts: u32,
    /// How many tries in a row must be healthy.
    #[serde(default = "default_successes")]
    #[schemars(range(min = 1))]
    successes: u32,
    /// The path of the app's log on the target: a failure quotes its end.
    #[serde(default)]
    log: Option<RemotePath>,
}

fn default_path() -> String {
    "/health".to_owned()
}

fn default_host() -> String {
    "127.0.0.1".to_owned()
}

fn default_interval_seconds() -> u32 {
    1
}

fn default_timeout_seconds() -> u32 {
    5
}

fn default_attempts() -> u32 {
    30
}

fn default_successes() -> u32 {
    1
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// How many tries it took.
    attempts: u32,
    /// Milliseconds the last try took.
    latency_ms: u64,
}

/// The stage.
#[derive(Debug)]
pub struct HttpHealth;

impl Stage for HttpHealth {
    const NAME: &'static str = "http-health";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Waits until the app answers on its health path";
    type Config = Config;
    type Outputs = Outputs;

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let target = ctx.target()?;
        let healthy = probe(target, &config).wait();
        let report = healthy.map_err(|error| match error.code.as_str() {
            "unhealthy" => with_log(error, target, &config),
            _ => error,
        })?;
        log::info!("healthy after {} of {} tries", report.attempts, config.attempts);
        let latency_ms = u64::try_from(report.latency.as_millis()).unwrap_or(u64::MAX);
        Ok(Outputs { attempts: report.attempts, latency_ms })
    }
}

fn probe(target: &str, config: &Config) -> health::Probe {
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    let probe = health::http(target, config.port, &config.path)
        .host(&config.host)
        .statuses(config.statuses.iter().copied())
        .interval(seconds(config.interval_seconds))
        .timeout(seconds(config.timeout_seconds))
        .attempts(config.attempts)
        .successes(config.successes);
    config.headers.iter().fold(probe, |probe, (name, value)| probe.header(name, value))
}

/// Says what the app itself had to say.
fn with_log(mut error: Error, target: &str, config: &Config) -> Error {
    let Some(path) = &config.log else { return error };
    let lines = QUOTED_LINES.to_string();
    let tail = ssh::command(target).argv(["tail", "-n", &lines, path.as_str()]).reads().run();
    match tail.and_then(ssh::Output::success) {
        Ok(tail) if tail.stdout().trim().is_empty() => {
            error.message.push_str("\nthe app has written nothing to its log")
        }
        Ok(tail) => {
            for line in tail.stdout().lines() {
                error.message.push_str("\napp: ");
                error.message.push_str(line);
            }
        }
        // The probe's failure is what matters.
        Err(reason) => log::warning!("the app's log cannot be read: {reason}"),
    }
    error
}

windlass_sdk::export!(HttpHealth);

#[cfg(test)]
mod tests;
