//! The plugin `http-health`: waits until the app answers on its health path.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use windlass_process_kit::RemotePath;
use windlass_sdk::{Context, Error, Result, Stage, Text, docker, health, log};

/// How many lines of a container's log a failure quotes.
const QUOTED_LINES: u32 = 20;

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
// Only where the server itself looks must the host be granted.
#[schemars(extend(
    "if" = { "required": ["from"], "properties": { "from": { "const": "server" } } },
    "then" = { "properties": { "host": { "grant": "http host" } } }
))]
pub struct Config {
    /// The port.
    #[schemars(range(min = 1), extend("examples" = [3000]))]
    port: u16,
    /// What is asked for: `GET <path>`.
    #[serde(default = "default_path")]
    #[schemars(regex(pattern = "^/"))]
    path: String,
    /// The host, as seen from where it is looked.
    #[serde(default = "default_host")]
    host: String,
    /// The statuses that are healthy; 200 to 299 where there are none.
    #[serde(default)]
    statuses: Vec<u16>,
    /// Additional headers, such as `Host`: a text, `{ secret = "NAME" }`, or a list of both.
    #[serde(default)]
    headers: BTreeMap<String, Text>,
    /// A text that a healthy answer contains, in its first 64 KiB.
    #[serde(default)]
    contains: Option<String>,
    /// Over TLS; the certificate is verified.
    #[serde(default)]
    tls: bool,
    /// The name that the certificate must be for, where it is not the host; this is over TLS in any case.
    #[serde(default)]
    tls_name: Option<String>,
    /// Who looks: the stage's target, or the server, to which the host must be granted.
    #[serde(default)]
    from: From,
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
    /// How many tries in a row may be unhealthy before it is given up early; 0: all of them.
    #[serde(default)]
    failures: u32,
    /// The path of the app's log on the target: a failure quotes its end.
    #[serde(default)]
    log: Option<RemotePath>,
    /// A command on the target that writes the app's log as it grows, such as `["docker", "logs", "--follow", "shop"]`:
    /// its lines go to the stage's log. Not beside `log`.
    #[serde(default)]
    follow: Vec<String>,
    /// A command on the target that writes the end of the app's log: a failure quotes its last lines; of `follow`,
    /// where it is absent.
    #[serde(default)]
    tail: Vec<String>,
    /// The app's container on the target: a failure quotes the end of its log.
    #[serde(default)]
    container: Option<String>,
}

/// Who looks.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum From {
    #[default]
    Target,
    Server,
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
        let report = match probe(ctx, &config)?.wait() {
            Err(error) if error.code == "unhealthy" => return Err(with_log(ctx, &config, error)),
            waited => waited?,
        };
        log::info!("healthy after {} of {} tries", report.attempts, config.attempts);
        let latency_ms = u64::try_from(report.latency.as_millis()).unwrap_or(u64::MAX);
        Ok(Outputs { attempts: report.attempts, latency_ms })
    }
}

/// The same failure, with what the container wrote last. Where that cannot be had, the failure is what counts.
fn with_log(ctx: &Context, config: &Config, mut error: Error) -> Error {
    let (Some(container), Ok(target)) = (&config.container, ctx.target()) else { return error };
    let lines = docker::logs(target, container, QUOTED_LINES, Duration::ZERO).unwrap_or_default();
    for line in &lines {
        error.message.push_str("\n  ");
        error.message.push_str(&line.text);
    }
    if lines.is_empty() {
        error.message.push_str("; the container has written nothing to its log");
    }
    error
}

fn probe(ctx: &Context, config: &Config) -> Result<health::Probe> {
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    let mut probe = match config.from {
        From::Target => health::http(ctx.target()?, config.port, &config.path).host(&config.host),
        From::Server => health::http_from_server(&config.host, config.port, &config.path),
    };
    probe = probe
        .statuses(config.statuses.iter().copied())
        .interval(seconds(config.interval_seconds))
        .timeout(seconds(config.timeout_seconds))
        .attempts(config.attempts)
        .successes(config.successes)
        .failures(config.failures);
    if let Some(text) = &config.contains {
        probe = probe.contains(text);
    }
    if config.tls || config.tls_name.is_some() {
        probe = probe.tls(config.tls_name.clone());
    }
    let has_commands = !config.follow.is_empty() || !config.tail.is_empty();
    if let Some(log) = &config.log {
        if has_commands {
            let message = "`log` excludes `follow` and `tail`";
            return Err(Error::invalid_input(message).hint("say either where the app's log is or what writes it"));
        }
        probe = probe.log(log.as_str());
    } else if has_commands {
        probe = probe.log_of(&config.follow, &config.tail);
    }
    Ok(config.headers.iter().fold(probe, |probe, (name, value)| probe.header(name, value.clone())))
}

windlass_sdk::export!(HttpHealth);

#[cfg(test)]
mod tests;
