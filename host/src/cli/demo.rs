//! `windlass demo`: everything on this machine, to look at.

use super::context::Context;
use super::{CliError, Exit};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Show Windlass on this machine: a server, a target, and an app that is deployed to it
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  windlass demo          open the page it prints, and press the keys it offers\n  windlass demo --check  deploy, see that the app answers, and end"
)]
pub(super) struct Demo {
    /// Deploy, see the app answer, print both addresses and the stages' times, and end
    #[arg(long)]
    check: bool,
    /// Address of the web UI and the API [default: a free port on loopback]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

/// What the demo is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoOptions {
    pub check: bool,
    /// Absent: the demo chooses.
    pub listen: Option<SocketAddr>,
    /// Absent: the demo has one of its own, so that it never touches real data.
    pub data_dir: Option<PathBuf>,
}

impl Demo {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let data_dir = context.options().data_dir.clone();
        context.host.demo(DemoOptions { check: self.check, listen: self.listen, data_dir }).await?;
        Ok(Exit::Done)
    }
}
