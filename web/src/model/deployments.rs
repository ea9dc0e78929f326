//! Lists of deployments: pages and live changes in one, newest first.

use super::time::duration;
use windlass_api_types::deployment::DeploymentSummary;
use windlass_api_types::{DeploymentStatus, Timestamp};

/// What to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeploymentFilter {
    pub project: Option<String>,
    pub environment: Option<String>,
    pub status: Option<DeploymentStatus>,
    /// Words, all of which a deployment must mention.
    pub text: String,
}

impl DeploymentFilter {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What the server filters by.
    pub fn query(&self) -> Vec<(&'static str, String)> {
        let status = self.status.map(|status| status.as_str().to_owned());
        [("project", self.project.clone()), ("environment", self.environment.clone()), ("status", status)]
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| (name, value)))
            .collect()
    }

    /// Whether a deployment is to be listed.
    pub fn shows(&self, deployment: &DeploymentSummary) -> bool {
        let same = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        same(&self.project, &deployment.project)
            && same(&self.environment, &deployment.environment)
            && self.status.is_none_or(|status| status == deployment.status)
            && self.mentions(deployment)
    }

    fn mentions(&self, deployment: &DeploymentSummary) -> bool {
        if self.text.trim().is_empty() {
            return true;
        }
        let commit = deployment.commit.as_ref();
        let part = |text: Option<&String>| text.map_or("", String::as_str).to_lowercase();
        let text = [
            deployment.label.to_lowercase(),
            deployment.environment.to_lowercase(),
            deployment.release.to_lowercase(),
            deployment.actor.to_lowercase(),
            part(commit.map(|commit| &commit.sha)),
            part(commit.and_then(|commit| commit.branch.as_ref())),
            part(commit.and_then(|commit| commit.message.as_ref())),
            part(deployment.failed_stage.as_ref()),
        ];
        self.text.to_lowercase().split_whitespace().all(|word| text.iter().any(|part| part.contains(word)))
    }
}

/// Takes deployments into a list, each once, newest first. Answers whether it changed.
pub fn merge(list: &mut Vec<DeploymentSummary>, changed: impl IntoIterator<Item = DeploymentSummary>) -> bool {
    let mut any = false;
    for deployment in changed {
        match list.binary_search_by(|known| deployment.id.cmp(&known.id)) {
            // What is known already may be newer than what a slow answer brings.
            Ok(at) if list[at].last_seq <= deployment.last_seq && list[at] != deployment => list[at] = deployment,
            Ok(_) => continue,
            Err(at) => list.insert(at, deployment),
        }
        any = true;
    }
    any
}

/// How long a deployment took, or has taken until now, without its time in the queue. An interrupted
/// one does nothing, so it takes no time.
pub fn elapsed(deployment: &DeploymentSummary, now: Timestamp) -> Option<i64> {
    let start = deployment.started_at?;
    let now = Some(now).filter(|_| deployment.status != DeploymentStatus::Interrupted);
    Some(deployment.ended_at.or(now)? - start)
}

/// [`elapsed`] in words.
pub fn elapsed_text(deployment: &DeploymentSummary, now: Timestamp) -> String {
    elapsed(deployment, now).map_or_else(|| "–".into(), duration)
}

/// The address of a deployment's page.
pub fn path(project: &str, number: u64) -> String {
    format!("/deployments/{project}/{number}")
}

/// The first digits of a commit's hash.
pub fn short_sha(sha: &str) -> &str {
    sha.get(..7).unwrap_or(sha)
}

#[cfg(test)]
pub(crate) mod tests;
