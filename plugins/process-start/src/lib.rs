//! The plugin `process-start`: starts an instance of the release on a free port of the target.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_process_kit::{Directory, Environment, environment, instance, report, script, unit_name};
use windlass_sdk::ssh::{Command, Output};
use windlass_sdk::{Context, Error, Result, Stage, UndoFn, log};

/// What `start.sh` exits with when the app has ended again; its standard error is the end of its log.
const APP_ENDED: u32 = 70;

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The app's directory on the target: absolute, or relative to the home directory.
    directory: Directory,
    /// What `sh` runs in the release's directory to start the app. It stays in the foreground, listens on
    /// `PORT`, and ends on SIGTERM.
    #[schemars(extend("examples" = ["./shop"]))]
    command: String,
    /// The name of the variable that holds the absolute path of the data directory.
    #[serde(default = "default_data_variable")]
    data_variable: String,
    /// More environment variables, beside the variables of the environment.
    #[serde(default)]
    env: Environment,
    /// Which ports may be used.
    #[serde(default)]
    ports: Ports,
    /// What keeps the app running.
    #[serde(default)]
    supervisor: Supervisor,
    /// How long the app has to end after SIGTERM, before it is killed.
    #[serde(default = "default_stop_seconds")]
    #[schemars(range(min = 1))]
    stop_seconds: u32,
}

fn default_data_variable() -> String {
    "DATA_DIR".to_owned()
}

fn default_stop_seconds() -> u32 {
    30
}

/// A range of ports.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Ports {
    /// The first one.
    #[schemars(range(min = 1))]
    min: u16,
    /// The last one.
    #[schemars(range(min = 1))]
    max: u16,
}

impl Default for Ports {
    /// Below those that Linux gives to outgoing connections.
    fn default() -> Self {
        Self { min: 20_000, max: 29_999 }
    }
}

/// What keeps the app running.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Supervisor {
    /// systemd where it runs and can be used: as root, or as a user whose services outlive the login.
    /// Otherwise as `detached`.
    #[default]
    Auto,
    /// A systemd unit: restarted when it fails and after a reboot. An error where that is not possible.
    Systemd,
    /// A process group of its own, with a pid file: neither restarted nor started after a reboot.
    Detached,
}

impl Supervisor {
    fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Systemd => "systemd",
            Self::Detached => "detached",
        }
    }
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// The name of the instance: release and deployment number.
    instance: String,
    /// The port that the app listens on, at 127.0.0.1 of the target.
    port: u16,
    /// `systemd` or `detached`.
    supervisor: String,
    /// The systemd unit, or the path of the pid file.
    process: String,
    /// The path of the app's log.
    log: String,
}

/// The stage.
#[derive(Debug)]
pub struct ProcessStart;

impl Stage for ProcessStart {
    const NAME: &'static str = "process-start";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Starts the release on a free port, supervised";
    type Config = Config;
    type Outputs = Outputs;
    const UNDO: Option<UndoFn<Config>> = Some(undo);

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        check(&config)?;
        let output = start(ctx, &config)?.run()?;
        if output.status() == Some(APP_ENDED) {
            return Err(app_ended(ctx, &config, &output));
        }
        let said = report(&output.success()?);
        said.get("warning").into_iter().flatten().for_each(|warning| log::warning!("{warning}"));
        let outputs = outputs(ctx, &config, |key| said.get(key)?.first().map(String::as_str))?;
        log::info!("{} runs on port {} ({})", outputs.instance, outputs.port, outputs.supervisor);
        Ok(outputs)
    }
}

fn check(config: &Config) -> Result<()> {
    if config.command.trim().is_empty() {
        return Err(Error::invalid_input("`command` is empty").hint("say how the app is started: command = \"./app\""));
    }
    if config.ports.min > config.ports.max {
        let Ports { min, max } = config.ports;
        return Err(Error::invalid_input(format!("`ports` is an empty range: {min} to {max}")).hint("swap min and max"));
    }
    Ok(())
}

/// One command does it all, so that a plan makes the same calls. It may be repeated: an instance that runs
/// is found, and its answer is the same.
fn start(ctx: &Context, config: &Config) -> Result<Command> {
    let variables = environment(ctx, &config.env)?;
    let names: Vec<_> = variables.keys().map(String::as_str).collect();
    // Under a prefix, so that none of them (PATH, IFS …) changes what the script itself does.
    let prefixed = variables.iter().map(|(name, value)| (format!("V_{name}"), value.clone()));
    let assumed = format!("port={}\nsupervisor={}", config.ports.min, config.supervisor.as_str());
    Ok(script(ctx, &config.directory, "the script that starts the app", include_str!("start.sh"))?
        .env("LABEL", &ctx.release.label)
        .env("UNIT", unit_name(ctx, &instance(ctx)))
        .env("DESCRIPTION", format!("{} {} {}", ctx.project, ctx.environment, ctx.release.label))
        .env("COMMAND", &config.command)
        .env("NAMES", names.join(" "))
        .envs(prefixed)
        .env("DATA_VARIABLE", &config.data_variable)
        .env("PORT_MIN", config.ports.min.to_string())
        .env("PORT_MAX", config.ports.max.to_string())
        .env("SUPERVISOR", config.supervisor.as_str())
        .env("STOP_SECONDS", config.stop_seconds.to_string())
        .assume(Output::ok(assumed)))
}

fn outputs<'a>(ctx: &Context, config: &Config, said: impl Fn(&str) -> Option<&'a str>) -> Result<Outputs> {
    let instance = instance(ctx);
    let port = said("port").and_then(|port| port.parse().ok());
    let supervisor = said("supervisor").unwrap_or_default().to_owned();
    let process = match said("unit") {
        Some(unit) => unit.to_owned(),
        None => config.directory.instance_file(&instance, "pid"),
    };
    Ok(Outputs {
        port: port.ok_or_else(|| Error::failed("the target did not say which port the app has"))?,
        supervisor,
        process,
        log: config.directory.instance_file(&instance, "log"),
        instance,
    })
}

fn app_ended(ctx: &Context, config: &Config, output: &Output) -> Error {
    let mut message =
        format!("`{}` on {} ended as soon as it was started", config.command, ctx.target().unwrap_or("?"));
    for line in output.stderr().lines() {
        message.push_str("\napp: ");
        message.push_str(line);
    }
    Error::failed(message).code("app-ended").hint("the command must stay in the foreground and listen on PORT")
}

/// Ends what was started, and removes its files. Its log stays until newer ones push it out.
fn undo(ctx: &Context, config: Config) -> Result<()> {
    script(ctx, &config.directory, "the script that stops the new instance", include_str!("undo.sh"))?
        .env("STOP_SECONDS", config.stop_seconds.to_string())
        .run()?
        .success()
        .map(drop)
}

windlass_sdk::export!(ProcessStart);

#[cfg(test)]
mod tests;
