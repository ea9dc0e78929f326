//! `windlass replay`: a deployment's stage runs once more, against what is recorded.

use super::context::Context;
use super::reference::{DeploymentRef, find_deployment};
use super::render::replay::render_replay;
use super::{CliError, Exit};
use crate::client::ReplayFilter;
use clap::Args;
use std::path::PathBuf;
use windlass_api_types::ReplayVerdict;
use windlass_api_types::replay::Replay as Report;

/// Run a deployment's stages again against their recorded effects, and perform nothing
#[derive(Debug, Args)]
#[command(after_help = "\
Every stage run, retries and undos included, runs again in a fresh sandbox. Each call it makes must be
the recorded one, and is answered from the record. The first difference is shown, with both sides.

It exits with 1 where something differs, with 5 where something could not be run again.

Examples:
  windlass replay shop#41
  windlass replay shop#41 --stage migrate --target db-1
  windlass replay shop#41 --plugin target/wasm32-wasip2/release/migrate.wasm   would a changed plugin do the same?")]
pub(super) struct Replay {
    /// Such as shop#41 [default: the latest]
    deployment: Option<DeploymentRef>,
    /// Only this stage
    #[arg(long, value_name = "STAGE")]
    stage: Option<String>,
    /// Only on this target
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// Use this component for the stages whose plugin has its name; it is not registered
    #[arg(long, value_name = "FILE")]
    plugin: Option<PathBuf>,
}

impl Replay {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let plugin = self.plugin.as_deref().map(read).transpose()?;
        let client = context.client().await?;
        let deployment = find_deployment(&client, self.deployment, "replay").await?;
        let filter = ReplayFilter { stage: self.stage.as_deref(), target: self.target.as_deref() };
        let report = client.replay(deployment.summary.id, &filter, plugin.unwrap_or_default()).await?;
        context.output.value(&report, render_replay)?;
        Ok(exit(&report))
    }
}

fn read(path: &std::path::Path) -> Result<Vec<u8>, CliError> {
    let bytes = std::fs::read(path).map_err(|error| CliError::file("read", path, &error))?;
    match bytes.is_empty() {
        true => Err(CliError::usage(
            format!("{} is empty", path.display()),
            "give it a WebAssembly component; in Rust: cargo build --target wasm32-wasip2",
        )),
        false => Ok(bytes),
    }
}

fn exit(report: &Report) -> Exit {
    match () {
        () if report.count(ReplayVerdict::Different) > 0 => Exit::Failed,
        () if report.count(ReplayVerdict::Unavailable) > 0 => Exit::Unknown,
        () => Exit::Done,
    }
}
