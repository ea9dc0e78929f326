//! The plugin `release-upload`: puts an artifact of the release into a directory of its own on the target.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_process_kit::Directory;
use windlass_sdk::{Context, Result, Stage, UndoFn, control, files, log, ssh};

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The app's directory on the target: absolute, or relative to the home directory.
    directory: Directory,
    /// Which artifact of the release it is.
    #[serde(default = "default_artifact")]
    #[schemars(extend("format" = "artifact"))]
    artifact: String,
}

fn default_artifact() -> String {
    "app".to_owned()
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// The release's directory.
    directory: String,
    /// The directory of the app's own data, which no deployment touches.
    data: String,
}

/// What `undo` must know.
#[derive(Debug, Serialize, Deserialize)]
struct Before {
    /// The release's directory was not there: this deployment made it.
    made: bool,
}

/// The stage.
#[derive(Debug)]
pub struct ReleaseUpload;

impl Stage for ReleaseUpload {
    const NAME: &'static str = "release-upload";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Unpacks an artifact into the release's directory on the target";
    type Config = Config;
    type Outputs = Outputs;
    const UNDO: Option<UndoFn<Config>> = Some(undo);

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let target = ctx.target()?;
        let artifact = ctx.artifact(&config.artifact)?;
        let directory = config.directory.release(&ctx.release.label);
        let data = config.directory.data();

        let there = prepare(target, &config.directory, &directory)?;
        // An attempt before this one may have made it.
        let earlier = ctx.checkpoint::<Before>()?.is_some_and(|before| before.made);
        control::checkpoint(&Before { made: earlier || !there })?;

        let sent = files::unpack(target, &artifact.digest, &directory).send()?;
        match sent.sent_bytes {
            0 => log::info!("{directory} holds release {} already", ctx.release.label),
            bytes => log::info!("sent {bytes} bytes to {directory}"),
        }
        Ok(Outputs { directory, data })
    }
}

/// Makes the directories around the release's own, and says whether that one is there.
const PREPARE: &str = "mkdir -p \"$APP/releases\" \"$DATA\" \"$APP/run\" || exit\n\
    [ ! -d \"$RELEASE\" ] || echo there\n";

fn prepare(target: &str, directory: &Directory, release: &str) -> Result<bool> {
    let path = directory.path();
    let prepared = ssh::script(target, PREPARE)
        .named("the script that makes the app's directories")
        .env("APP", path)
        .env("DATA", directory.data())
        .env("RELEASE", release)
        .idempotent()
        .run()?;
    let prepared = prepared.success().map_err(|error| {
        error.code("no-directory").hint(format!(
            "make {path} on {target} and give it to the user Windlass connects as, or choose another `directory`"
        ))
    })?;
    Ok(prepared.stdout() == "there")
}

/// Removes what this deployment brought, unless it is live.
fn undo(ctx: &Context, config: Config) -> Result<()> {
    match ctx.checkpoint::<Before>()? {
        Some(Before { made: true }) => {}
        Some(Before { made: false }) => {
            log::info!("the release was there before this deployment, and stays");
            return Ok(());
        }
        None => {
            log::info!("nothing was changed");
            return Ok(());
        }
    }
    let script = "[ \"$(readlink \"$APP/current\")\" = \"releases/$LABEL\" ] || rm -rf \"$APP/releases/$LABEL\"";
    ssh::script(ctx.target()?, script)
        .named("the script that removes the release")
        .env("APP", config.directory.path())
        .env("LABEL", &ctx.release.label)
        .idempotent()
        .run()?
        .success()
        .map(drop)
}

windlass_sdk::export!(ReleaseUpload);

#[cfg(test)]
mod tests;
