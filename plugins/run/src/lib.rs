//! The plugin `run`: a shell line, or a script, on the stage's target.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use windlass_sdk::log::Level;
use windlass_sdk::{Context, Result, Stage, Text, ssh};

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What the target's `sh` runs: one line, or a whole script.
    #[schemars(extend("examples" = ["bin/migrate"]))]
    command: String,
    /// The working directory; the home directory of the connection's user where it is absent.
    #[serde(default)]
    directory: Option<String>,
    /// Environment variables, beside the variables of the environment: a text, `{ secret = "NAME" }`, or a
    /// list of both.
    #[serde(default)]
    env: BTreeMap<String, Text>,
    /// When the command is ended; otherwise it may take as long as the stage may.
    #[serde(default)]
    #[schemars(range(min = 1))]
    timeout_seconds: Option<u64>,
    /// Running it twice does no harm: after a crash of the server it is run again instead of being looked
    /// for on the target.
    #[serde(default)]
    idempotent: bool,
    /// It only reads: a plan runs it too.
    #[serde(default)]
    reads: bool,
    /// Run it as root, through `sudo -n`.
    #[serde(default)]
    sudo: bool,
    /// Run it as root, through a `sudo` that asks for a password: the secret that holds it.
    #[serde(default)]
    sudo_password: Option<Secret>,
}

/// A secret of the environment.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// Its name.
    secret: String,
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// The exit status: 0, since any other fails the stage.
    status: u32,
}

/// The stage.
#[derive(Debug)]
pub struct Run;

impl Stage for Run {
    const NAME: &'static str = "run";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Runs a shell line on the stage's target";
    type Config = Config;
    type Outputs = Outputs;

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let mut command =
            ssh::script(ctx.target()?, config.command).envs(&ctx.variables).envs(config.env).tee(Level::Info);
        if let Some(directory) = config.directory {
            command = command.cwd(directory);
        }
        if let Some(seconds) = config.timeout_seconds {
            command = command.timeout(Duration::from_secs(seconds));
        }
        match config.sudo_password {
            Some(password) => command = command.sudo_with(password.secret),
            None if config.sudo => command = command.sudo(),
            None => {}
        }
        if config.reads {
            command = command.reads();
        } else if config.idempotent {
            command = command.idempotent();
        }
        command.run()?.success()?;
        Ok(Outputs { status: 0 })
    }
}

windlass_sdk::export!(Run);

#[cfg(test)]
mod tests;
