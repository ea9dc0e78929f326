//! The plugin `hook`: a command of the app's own, in the release's directory.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_process_kit::{Directory, Environment, environment};
use windlass_sdk::log::Level;
use windlass_sdk::{Context, Result, Stage, log, ssh};

/// Runs in the release's directory. What is relative becomes absolute only on the target.
const SCRIPT: &str = "cd \"$WINDLASS_DIRECTORY/releases/$WINDLASS_RELEASE\" || exit 1\n\
    export \"$WINDLASS_DATA_VARIABLE=$(cd ../../data && pwd)\"\n\
    exec sh -c \"$WINDLASS_COMMAND\"\n";

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What `sh` runs in the release's directory. Absent or empty: nothing is run.
    #[serde(default)]
    command: Option<String>,
    /// The app's directory on the target: absolute, or relative to the home directory.
    directory: Directory,
    /// The name of the variable that holds the absolute path of the data directory.
    #[serde(default = "default_data_variable")]
    data_variable: String,
    /// The port of the running instance, for `PORT`. A hook that runs before the start has none.
    #[serde(default)]
    port: Option<u16>,
    /// More environment variables, beside the variables of the environment.
    #[serde(default)]
    env: Environment,
}

fn default_data_variable() -> String {
    "DATA_DIR".to_owned()
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// Whether there was a command to run.
    ran: bool,
}

/// The stage.
#[derive(Debug)]
pub struct Hook;

impl Stage for Hook {
    const NAME: &'static str = "hook";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Runs a command of the app in its release directory";
    type Config = Config;
    type Outputs = Outputs;

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let Some(command) = config.command.filter(|command| !command.trim().is_empty()) else {
            log::info!("there is no command to run here");
            return Ok(Outputs { ran: false });
        };
        let target = ctx.target()?;
        let mut variables = environment(ctx, &config.env)?;
        if let Some(port) = config.port {
            variables.insert("PORT".to_owned(), port.to_string().into());
        }
        ssh::script(target, SCRIPT)
            .named(format!("`{command}`"))
            .envs(variables)
            .env("WINDLASS_DIRECTORY", config.directory.path())
            .env("WINDLASS_DATA_VARIABLE", config.data_variable)
            .env("WINDLASS_COMMAND", command)
            .tee(Level::Info)
            .run()?
            .success()?;
        Ok(Outputs { ran: true })
    }
}

windlass_sdk::export!(Hook);

#[cfg(test)]
mod tests;
