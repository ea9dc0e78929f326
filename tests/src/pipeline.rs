//! What the engine makes of a pipeline: order, conditions, rollouts, what a failure undoes.

mod dns;
mod docker;
mod rollout;
mod stages;

use crate::harness::Site;
use windlass_api_types::RunMode;
use windlass_api_types::deployment::Deployment;

/// Deploys what stands in `windlass.toml`, without an artifact, and answers how it ended.
async fn deploy(site: &Site) -> Deployment {
    site.windlass("deploy --to production --json").await.json()
}

/// Stage and target of every run of a mode, in the order of their start.
fn runs(deployment: &Deployment, mode: RunMode) -> Vec<String> {
    let of_mode = deployment.state.runs.iter().filter(|run| run.mode == mode);
    of_mode
        .map(|run| match &run.target {
            Some(target) => format!("{} {target}", run.stage),
            None => run.stage.clone(),
        })
        .collect()
}
