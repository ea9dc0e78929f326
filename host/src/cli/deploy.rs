//! `windlass deploy`, and what it shares with `windlass plan`.

use super::context::Context;
use super::project_file::ProjectFile;
use super::{CliError, Exit, artifact, follow, git, grant};
use crate::client::ClientError;
use clap::Args;
use std::collections::BTreeMap;
use std::path::PathBuf;
use windlass_api_types::deployment::CreateDeployment;

/// The name of a project's only artifact.
const ARTIFACT: &str = "app";

/// Deploy a file or directory, and follow it to its end
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass deploy ./build --to production
  windlass deploy ./build --to production --only web-1
  windlass deploy --to production --release 20260305-143022   an older release again

Ctrl-C leaves a deployment on a server to its work. Without a server it cancels the
deployment, which undoes what it can; a second Ctrl-C ends at once and leaves it interrupted.")]
pub(super) struct Deploy {
    #[command(flatten)]
    delivery: Delivery,
    /// Do not wait for its end
    #[arg(long)]
    detach: bool,
}

/// What is delivered where.
#[derive(Debug, Args)]
pub(super) struct Delivery {
    /// The file or directory to deploy; a directory's contents, not itself
    #[arg(value_name = "PATH", conflicts_with = "release")]
    path: Option<PathBuf>,
    /// The environment, as windlass.toml names it
    #[arg(long, value_name = "ENVIRONMENT")]
    to: String,
    /// Only on these targets
    #[arg(long, value_name = "TARGET", value_delimiter = ',')]
    only: Vec<String>,
    /// An existing release instead of a new one
    #[arg(long, value_name = "LABEL")]
    release: Option<String>,
    /// The project's configuration [default: windlass.toml in this directory or above it, or PATH's]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Delivery {
    /// Uploads what there is to upload and says what is asked for.
    pub(super) async fn request(self, context: &Context) -> Result<CreateDeployment, CliError> {
        let file = ProjectFile::find(self.config.as_deref(), self.path.as_deref())?;
        let client = context.client().await?;
        let mut artifacts = BTreeMap::new();
        if let Some(path) = &self.path {
            let stored = artifact::upload(&client, path, context.output).await?;
            artifacts.insert(ARTIFACT.to_owned(), stored.digest);
        }
        Ok(CreateDeployment {
            commit: git::head(file.directory()).await,
            config: file.text,
            environment: self.to,
            artifacts,
            release: self.release,
            only: self.only,
        })
    }
}

impl Deploy {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        follow::check_detach(context, self.detach).await?;
        let request = self.delivery.request(context).await?;
        let mut created = context.client().await?.create_deployment(&request).await;
        if let Err(error) = &created
            && grant::offer(context, &request, error).await?
        {
            created = context.client().await?.create_deployment(&request).await;
        }
        let deployment = created.map_err(|error| explain(error, &request))?;
        follow::follow(context, deployment, self.detach).await
    }
}

/// A pipeline that misses its artifact is a deploy command without PATH.
pub(super) fn explain(mut error: ClientError, request: &CreateDeployment) -> ClientError {
    if let ClientError::Problem(problem) = &mut error
        && problem.code == "artifact-missing"
        && request.artifacts.is_empty()
    {
        problem.hint =
            Some(format!("name the file or directory to deploy: windlass deploy PATH --to {}", request.environment));
    }
    error
}
