//! The plugin `env-file`: writes the environment's variables into a `.env` file on the target, as Docker Compose
//! reads it.
//!
//! Whatever a value contains, it arrives as it is. Secrets are put in by the host, and no stage ever sees them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_process_kit::{EnvFile, Environment, RemotePath, environment};
use windlass_sdk::{Context, Result, Stage, UndoFn, control, log};

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The file on the target: absolute, or relative to the home directory.
    #[schemars(extend("examples" = ["/srv/shop/.env"]))]
    path: RemotePath,
    /// Whose file it is, where an environment has several services: it is not shared with another one.
    #[serde(default)]
    service: Option<String>,
    /// More variables, beside those of the environment: a text, `{ secret = "NAME" }`, or a list of both.
    #[serde(default)]
    env: Environment,
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// The file's path.
    path: String,
    /// How many variables are in it.
    variables: usize,
}

/// What `undo` must know.
#[derive(Debug, Serialize, Deserialize)]
struct Before {
    /// Whether there was a file.
    there: bool,
}

/// The stage.
#[derive(Debug)]
pub struct WriteEnvFile;

impl Stage for WriteEnvFile {
    const NAME: &'static str = "env-file";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Writes variables and secrets into a .env file on the target";
    type Config = Config;
    type Outputs = Outputs;
    const UNDO: Option<UndoFn<Config>> = Some(undo);

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let variables = environment(ctx, &config.env)?;
        let file = file(ctx, &config)?;
        let there = file.look()?;
        // An attempt before this one may have written it: what was there before that counts.
        let before = ctx.checkpoint::<Before>()?.unwrap_or(Before { there });
        control::checkpoint(&before)?;
        file.write(&variables, before.there)?;
        log::info!("{} has {} variables", config.path, variables.len());
        Ok(Outputs { path: config.path.as_str().to_owned(), variables: variables.len() })
    }
}

fn file(ctx: &Context, config: &Config) -> Result<EnvFile> {
    EnvFile::new(ctx, config.path.as_str(), config.service.as_deref())
}

fn undo(ctx: &Context, config: Config) -> Result<()> {
    match ctx.checkpoint::<Before>()? {
        Some(before) => file(ctx, &config)?.restore(before.there),
        None => {
            log::info!("nothing was changed");
            Ok(())
        }
    }
}

windlass_sdk::export!(WriteEnvFile);

#[cfg(test)]
mod tests;
