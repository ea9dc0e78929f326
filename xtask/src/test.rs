//! stub
use crate::workspace::Workspace;
use anyhow::Result;
use std::process::ExitCode;
#[derive(clap::Args)]
pub(crate) struct Options {}
pub(crate) fn run(_w: &Workspace, _o: &Options) -> Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
