//! `windlass pipeline`: the stages a project is deployed by.

use super::context::Context;
use super::project_file::ProjectFile;
use super::reference::EnvironmentRef;
use super::render::pipeline::render_pipeline;
use super::{CliError, Exit};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Show the stages of a project, or make a template's stages its own
#[derive(Debug, Args)]
pub(super) struct Pipeline {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// The stages as the last configuration gives them for an environment
    #[command(after_help = "Example:\n  windlass pipeline show shop/production")]
    Show {
        /// Such as shop/production, or production within the project's directory
        environment: EnvironmentRef,
    },
    /// Print the windlass.toml with all of the template's stages written out
    #[command(after_help = "Example:\n  windlass pipeline eject > ejected.toml && mv ejected.toml windlass.toml")]
    Eject {
        /// The file [default: windlass.toml in this directory or above it]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

impl Pipeline {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self.verb {
            Verb::Show { environment } => {
                let (project, environment) = environment.resolve("pipeline show shop/production")?;
                let revision = context.client().await?.pipeline(&project, &environment).await?;
                context.output.value(&revision, render_pipeline)?;
            }
            Verb::Eject { config } => {
                let file = ProjectFile::find(config.as_deref(), None)?;
                context.output.text(&context.host.eject(&file.text)?)?;
            }
        }
        Ok(Exit::Done)
    }
}
