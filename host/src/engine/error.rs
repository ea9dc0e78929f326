//! What can go wrong between a request and a deployment.

use super::pipeline::ConfigErrors;
use crate::event::AppendError;
use crate::store::StoreError;
use crate::vault::VaultError;
use windlass_api_types::grant::Grant;
use windlass_api_types::{DeploymentStatus, ErrorKind, Failure};

/// Why a deployment was not made, planned or canceled. Nothing has been changed.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("{0}")]
    Config(#[from] ConfigErrors),
    #[error("there is no project `{name}`")]
    NoProject { name: String },
    #[error("the configuration is of the project `{found}`, not of `{asked}`")]
    OtherProject { asked: String, found: String },
    #[error("the project `{project}` has no environment `{name}`")]
    NoEnvironment { project: String, name: String },
    #[error("the project `{project}` has no release `{label}`")]
    NoRelease { project: String, label: String },
    #[error("there is no earlier release on `{environment}` to go back to")]
    NothingBefore { environment: String },
    #[error("the artifact `{name}` ({digest}) is not on this server")]
    NoArtifact { name: String, digest: String },
    #[error("{0}")]
    Refused(Failure),
    #[error("{label} {} already", ended(*.status))]
    Ended { label: String, status: DeploymentStatus },
    #[error("{label} is {status}: it can be retried when it has ended")]
    NotEnded { label: String, status: DeploymentStatus },
    #[error("{label} has no effect whose outcome is unknown")]
    NothingInterrupted { label: String },
    #[error("{label} was interrupted in several places: {}", .runs.join(", "))]
    SeveralInterrupted { label: String, runs: Vec<String> },
    #[error("the plugin {plugin} ({digest}), which the deployment pins, is no longer on this server")]
    PluginGone { plugin: String, digest: String },
    #[error("the server is shutting down and takes no deployments")]
    Closing,
    #[error("the stored pipeline revision cannot be read: {0}")]
    Revision(#[from] serde_json::Error),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    Vault(#[from] VaultError),
    /// The pipeline asks for more than the environment grants.
    #[error("{environment} does not grant what the pipeline asks for: {}", list(.missing))]
    NotGranted { environment: String, missing: Vec<Grant> },
    #[error("{0}")]
    Append(#[from] AppendError),
}

/// `has succeeded`, `has failed`, `is canceled`.
fn ended(status: DeploymentStatus) -> String {
    match status {
        DeploymentStatus::Succeeded | DeploymentStatus::Failed => format!("has {status}"),
        status => format!("is {status}"),
    }
}

impl EngineError {
    /// With a kind, a code and what to do next.
    pub fn failure(&self) -> Failure {
        let of = |kind, code: &str| Failure::new(kind, code, self.to_string());
        match self {
            Self::Config(errors) => errors.failure(),
            Self::Store(error) => error.failure(),
            Self::NoProject { .. } => of(ErrorKind::NotFound, "no-such-project")
                .hint("`windlass status` lists the projects; `windlass config push` makes the one of windlass.toml, as the first deployment does"),
            Self::OtherProject { .. } => of(ErrorKind::InvalidInput, "other-project")
                .hint("`project` in windlass.toml says which project it is of"),
            Self::NoEnvironment { .. } => of(ErrorKind::NotFound, "no-such-environment")
                .hint("environments stand in windlass.toml as [environments.NAME]; the first deployment makes one"),
            Self::NoRelease { project, .. } => of(ErrorKind::NotFound, "no-such-release")
                .hint(format!("`windlass history {project}` shows the releases")),
            Self::NothingBefore { .. } => of(ErrorKind::NotFound, "nothing-before")
                .hint("name a release: windlass rollback PROJECT --to ENVIRONMENT --release LABEL"),
            Self::NoArtifact { .. } => of(ErrorKind::NotFound, "no-such-artifact").hint(
                "upload it first: PUT /api/v1/artifacts, or deploy with a path: windlass deploy ./app --to ENVIRONMENT",
            ),
            Self::Refused(failure) => failure.clone(),
            Self::Ended { .. } => of(ErrorKind::Conflict, "ended"),
            Self::NotEnded { label, .. } => {
                of(ErrorKind::Conflict, "not-ended").hint(format!("windlass logs {label} --follow | windlass cancel {label}"))
            }
            Self::NothingInterrupted { label } => of(ErrorKind::Conflict, "nothing-interrupted")
                .hint(format!("`windlass status {label}` shows where it is")),
            Self::SeveralInterrupted { .. } => of(ErrorKind::InvalidInput, "several-interrupted")
                .hint("name one: --stage STAGE, and --target TARGET where the stage runs on several"),
            Self::PluginGone { .. } => of(ErrorKind::NotFound, "plugin-gone")
                .hint("put it back into the plugin directory, or deploy anew with what is there now"),
            Self::Closing => of(ErrorKind::Unreachable, "closing").hint("try again when it is back").retryable(),
            Self::Revision(_) => of(ErrorKind::Internal, "bad-revision"),
            Self::Vault(error) => error.failure(),
            Self::NotGranted { environment, missing } => {
                of(ErrorKind::Denied, "not-granted").hint(grant_lines(environment, missing))
            }
            Self::Append(_) => of(ErrorKind::Internal, "not-recorded"),
        }
    }
}

/// ``secret DB_PASSWORD to the plugin `run`, zone example.com to the plugin `dns-record` ``.
fn list(missing: &[Grant]) -> String {
    let named = |grant: &Grant| format!("{} {} to the plugin `{}`", grant.kind, grant.value, grant.plugin);
    missing.iter().map(named).collect::<Vec<_>>().join(", ")
}

fn grant_lines(environment: &str, missing: &[Grant]) -> String {
    let line = |grant: &Grant| format!("windlass grant add {environment} {grant}");
    let lines: Vec<String> = missing.iter().map(line).collect();
    format!("if it should, an operator grants it: {}", lines.join(" && "))
}
