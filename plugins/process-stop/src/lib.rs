//! The plugin `process-stop`: ends the instances of the app that run, so that there is never more than one.
//! For apps that cannot share their data, such as those with a SQLite file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_process_kit::{Directory, report, script};
use windlass_sdk::{Context, Result, Stage, UndoFn, control, log};

/// Reports the instances that run, but this deployment's own.
const LIST: &str = r#"cd "$APP" 2>/dev/null || exit 0
for name in $(instances); do
  [ "$name" = "$NAME" ] || ! running "$name" || echo "running=$name"
done"#;

const STOP: &str = r#"cd "$APP" || exit 1
for name in $NAMES; do
  stop_instance "$name" "$STOP_SECONDS"
done"#;

/// Starts what its own files describe: the same script, environment and port as before.
const START_AGAIN: &str = r#"cd "$APP" || exit 1
for name in $NAMES; do
  running "$name" || start_instance "$name"
done"#;

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The app's directory on the target: absolute, or relative to the home directory.
    directory: Directory,
    /// How long the app has to end after SIGTERM, before it is killed.
    #[serde(default = "default_stop_seconds")]
    #[schemars(range(min = 1))]
    stop_seconds: u32,
}

fn default_stop_seconds() -> u32 {
    30
}

/// What the stage answers; also what `undo` must know.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// The names of the instances that were stopped.
    stopped: Vec<String>,
}

/// The stage.
#[derive(Debug)]
pub struct ProcessStop;

impl Stage for ProcessStop {
    const NAME: &'static str = "process-stop";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Stops the running instances of the app";
    type Config = Config;
    type Outputs = Outputs;
    const UNDO: Option<UndoFn<Config>> = Some(undo);

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let running =
            script(ctx, &config.directory, "the script that lists the instances", LIST)?.reads().run()?.success()?;
        let running = report(&running).remove("running").unwrap_or_default();
        // What an attempt before this one has stopped is to be started again too.
        let mut stopped = ctx.checkpoint::<Outputs>()?.map(|earlier| earlier.stopped).unwrap_or_default();
        stopped.extend(running.into_iter().filter(|name| !stopped.contains(name)).collect::<Vec<_>>());
        let outputs = Outputs { stopped };
        control::checkpoint(&outputs)?;

        script(ctx, &config.directory, "the script that stops the running instance", STOP)?
            .env("NAMES", outputs.stopped.join(" "))
            .env("STOP_SECONDS", config.stop_seconds.to_string())
            .run()?
            .success()?;
        match outputs.stopped.as_slice() {
            [] => log::info!("nothing was running"),
            stopped => log::info!("stopped {}", stopped.join(", ")),
        }
        Ok(outputs)
    }
}

fn undo(ctx: &Context, config: Config) -> Result<()> {
    let stopped = ctx.checkpoint::<Outputs>()?.map(|before| before.stopped).unwrap_or_default();
    if stopped.is_empty() {
        log::info!("nothing was running before");
        return Ok(());
    }
    script(ctx, &config.directory, "the script that starts the old instance again", START_AGAIN)?
        .env("NAMES", stopped.join(" "))
        .run()?
        .success()?;
    log::info!("started {} again", stopped.join(", "));
    Ok(())
}

windlass_sdk::export!(ProcessStop);

#[cfg(test)]
mod tests;
