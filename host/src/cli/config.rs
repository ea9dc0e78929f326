//! `windlass config`: the configuration that the server keeps.

use super::context::Context;
use super::project_file::ProjectFile;
use super::render::project::render_project;
use super::{CliError, Exit};
use clap::{Args, Subcommand};
use jiff::tz::TimeZone;
use std::path::PathBuf;

/// Store the project's windlass.toml on the server without deploying
#[derive(Debug, Args)]
pub(super) struct Config {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Check the windlass.toml and store it; deploying does so by itself
    Push {
        /// The file [default: windlass.toml in this directory or above it]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

impl Config {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let Verb::Push { config } = self.verb;
        let file = ProjectFile::find(config.as_deref(), None)?;
        let name = file.project()?;
        let project = context.client().await?.push_config(&name, &file.text).await?;
        context.output.value(&project, |project| {
            format!("stored {}\n{}", file.path.display(), render_project(project, &[], &TimeZone::system()))
        })?;
        Ok(Exit::Done)
    }
}
